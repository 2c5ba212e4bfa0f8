# Reads the warehouse after a load, and keeps the business report as one page in a private bucket. How it is reached:
# docs/dashboard.md.

module "report" {
  source = "./modules/stage"

  name        = "${var.name}-report"
  description = "Writes the business report from the warehouse"
  code        = local.code["report"]
  memory_mb   = var.memory_mb.report
  settings    = local.stage_settings
  policy      = concat(local.report_policy, local.secret_statements["warehouse"], local.failure_statements)

  environment = {
    WAREHOUSE_DATABASE = local.secrets.warehouse.arn
    WAREHOUSE_SCHEMA   = var.warehouse_schema
    REPORT_BUCKET      = "s3://${aws_s3_bucket.this["report"].id}"
    CODE_VERSION       = var.code_version
  }
}

locals {
  report_policy = [
    {
      # Without it S3 would not say that there is no page yet. The bucket holds nothing else.
      Sid      = "SeeWhetherThereIsAPage"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [aws_s3_bucket.this["report"].arn]
    },
    {
      # Reading tells which load the page shows; a write names the page that it replaces.
      Sid      = "ReplaceThePage"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.this["report"].arn}/index.html"]
    },
    {
      Sid      = "EncryptAndDecryptThePage"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["report"].arn
        }
      }
    },
  ]
}
