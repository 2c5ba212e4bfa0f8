# Follows the log of the processed bucket, writes the warehouse.

module "load" {
  source = "./modules/stage"

  name        = "${var.name}-load"
  description = "Brings the warehouse up to the processed log"
  code        = local.code["load"]
  memory_mb   = var.memory_mb.load
  settings    = local.stage_settings
  policy      = concat(local.load_policy, local.secret_statements["warehouse"], local.failure_statements)

  environment = {
    WAREHOUSE_DATABASE = local.secrets.warehouse.arn
    WAREHOUSE_SCHEMA   = var.warehouse_schema
    PROCESSED_BUCKET   = "s3://${aws_s3_bucket.this["processed"].id}"
    CODE_VERSION       = var.code_version
  }
}

locals {
  load_policy = [
    {
      Sid       = "FindTheHead"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["processed"].arn]
      Condition = { StringEquals = { "s3:prefix" = "log/" } }
    },
    {
      Sid      = "ReadStarRows"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${aws_s3_bucket.this["processed"].arn}/star/*", "${aws_s3_bucket.this["processed"].arn}/log/*"]
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
