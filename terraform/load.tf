# Follows the log of the processed bucket, writes the warehouse.

module "load" {
  source = "./modules/stage"

  name        = "${var.name}-load"
  description = "Brings the warehouse up to the processed log"
  code        = local.code["load"]
  memory_mb   = var.memory_mb.load
  settings    = local.stage_settings
  policy      = concat(local.load_policy, local.redshift_load_policy, local.secret_statements["warehouse"], local.failure_statements, local.after_load_statements)

  environment = {
    WAREHOUSE_DATABASE = local.secrets.warehouse.arn
    WAREHOUSE_SCHEMA   = var.warehouse_schema
    PROCESSED_BUCKET   = "s3://${aws_s3_bucket.this["processed"].id}"
    CODE_VERSION       = var.code_version
  }
}

locals {
  # A log that a replay has written anew stands in a folder of its own, below the first one's.
  find_the_processed_head = {
    Sid       = "FindTheProcessedHead"
    Effect    = "Allow"
    Action    = ["s3:ListBucket"]
    Resource  = [aws_s3_bucket.this["processed"].arn]
    Condition = { StringLike = { "s3:prefix" = "log/*" } }
  }

  read_star_rows = {
    Sid      = "ReadStarRows"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = ["${aws_s3_bucket.this["processed"].arn}/star/*", "${aws_s3_bucket.this["processed"].arn}/log/*"]
  }

  load_policy = [
    local.find_the_processed_head,
    local.read_star_rows,
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
