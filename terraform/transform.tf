# Follows the log of the ingestion bucket, appends to that of the processed bucket.

module "transform" {
  source = "./modules/stage"

  name        = "${var.name}-transform"
  description = "Brings the processed log up to the raw log"
  code        = local.code["transform"]
  memory_mb   = var.memory_mb.transform
  settings    = local.stage_settings
  policy      = concat(local.transform_policy, local.transform_slices_policy, local.failure_statements)

  environment = {
    RAW_BUCKET       = "s3://${aws_s3_bucket.this["ingestion"].id}"
    PROCESSED_BUCKET = "s3://${aws_s3_bucket.this["processed"].id}"
    CODE_VERSION     = var.code_version
  }
}

locals {
  transform_policy = [
    {
      Sid       = "FindTheRawHead"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["ingestion"].arn]
      Condition = { StringEquals = { "s3:prefix" = "log/" } }
    },
    local.find_the_processed_head,
    {
      # Star rows for the sake of compaction.
      Sid    = "ReadRowsAndState"
      Effect = "Allow"
      Action = ["s3:GetObject"]
      Resource = [
        "${aws_s3_bucket.this["ingestion"].arn}/raw/*",
        "${aws_s3_bucket.this["ingestion"].arn}/log/*",
        "${aws_s3_bucket.this["ingestion"].arn}/rates/*",
        "${aws_s3_bucket.this["processed"].arn}/star/*",
        "${aws_s3_bucket.this["processed"].arn}/compacted/*",
        "${aws_s3_bucket.this["processed"].arn}/state/*",
        "${aws_s3_bucket.this["processed"].arn}/log/*",
      ]
    },
    {
      Sid      = "Append"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [for prefix in setsubtract(local.lake_prefixes["processed"], ["slices"]) : "${aws_s3_bucket.this["processed"].arn}/${prefix}/*"]
    },
    {
      Sid      = "DecryptTheRawLog"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["ingestion"].arn
        }
      }
    },
    {
      Sid      = "EncryptAndDecryptTheProcessedLog"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["processed"].arn
        }
      }
    },
  ]

  # Where the calls that transform one version meet. Replay, which has the rights above, transforms in one.
  transform_slices_policy = [
    {
      Sid       = "FindSlices"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["processed"].arn]
      Condition = { StringLike = { "s3:prefix" = "slices/*" } }
    },
    {
      Sid      = "PlanAndRecordSlices"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.this["processed"].arn}/slices/*"]
    },
  ]
}
