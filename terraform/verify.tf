# Compares the source with the warehouse, and asks ingest to look again at the rows that differ. It changes neither: the
# next run of the pipeline brings what it asked for.

module "verify" {
  source = "./modules/stage"

  name        = "${var.name}-verify"
  description = "Compares the source with the warehouse"
  code        = local.code["verify"]
  memory_mb   = var.memory_mb.verify
  settings    = local.stage_settings
  policy = concat(
    local.verify_policy,
    local.secret_statements["source"],
    local.secret_statements["warehouse"],
    local.alert_statements,
  )

  environment = {
    SOURCE_DATABASE    = local.secrets.source.arn
    SOURCE_SCHEMA      = var.source_schema
    WAREHOUSE_DATABASE = local.secrets.warehouse.arn
    WAREHOUSE_SCHEMA   = var.warehouse_schema
    RAW_BUCKET         = "s3://${aws_s3_bucket.this["ingestion"].id}"
    PROCESSED_BUCKET   = "s3://${aws_s3_bucket.this["processed"].id}"
    CODE_VERSION       = var.code_version
  }
}

locals {
  verify_policy = [
    {
      Sid       = "FindTheLastRequest"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["ingestion"].arn]
      Condition = { StringEquals = { "s3:prefix" = "requests/" } }
    },
    {
      # Reading back settles whether a write whose reply was lost has taken effect.
      Sid      = "Request"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.this["ingestion"].arn}/requests/*"]
    },
    local.find_the_processed_head,
    {
      # Rows that are set aside are missing for a reason.
      Sid    = "ReadWhatIsSetAside"
      Effect = "Allow"
      Action = ["s3:GetObject"]
      Resource = [
        "${aws_s3_bucket.this["processed"].arn}/log/*",
        "${aws_s3_bucket.this["processed"].arn}/state/quarantine/*",
      ]
    },
    {
      Sid      = "EncryptAndDecryptRequests"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["ingestion"].arn
        }
      }
    },
    {
      Sid      = "DecryptTheProcessedLog"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["processed"].arn
        }
      }
    },
  ]
}
