# Reads the source, appends to the log of the ingestion bucket. Serves the requests that stand there.

module "ingest" {
  source = "./modules/stage"

  name        = "${var.name}-ingest"
  description = "Brings what changed in the source into the lake"
  code        = local.code["ingest"]
  memory_mb   = var.memory_mb.ingest
  settings    = local.stage_settings
  policy      = concat(local.ingest_policy, local.secret_statements["source"], local.failure_statements)

  environment = {
    SOURCE_DATABASE = local.secrets.source.arn
    SOURCE_SCHEMA   = var.source_schema
    RAW_BUCKET      = "s3://${aws_s3_bucket.this["ingestion"].id}"
    RAW_FORMAT      = var.raw_format
    CAPTURE         = join(",", [for table, seconds in var.capture : "${table}=${seconds}"])
    ACCEPT_NARROWED = join(",", var.accept_narrowed)
    SLICE_BLOCKS    = var.slice_blocks
    CODE_VERSION    = var.code_version
  }
}

locals {
  stage_settings = {
    reserved_concurrency     = var.reserved_concurrency
    log_retention_days       = var.log_retention_days
    permissions_boundary_arn = var.permissions_boundary_arn
    vpc                      = var.vpc
  }

  ingest_policy = [
    {
      Sid       = "FindTheHeadsAndSlices"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["ingestion"].arn]
      Condition = { StringLike = { "s3:prefix" = ["log/", "requests/", "rates/", "slices/*"] } }
    },
    {
      Sid      = "ReadRequests"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${aws_s3_bucket.this["ingestion"].arn}/requests/*"]
    },
    {
      # Reading back also settles whether a write whose reply was lost has taken effect.
      Sid      = "ReadAndAppend"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = [for prefix in ["raw", "log", "slices"] : "${aws_s3_bucket.this["ingestion"].arn}/${prefix}/*"]
    },
    {
      Sid      = "GiveUpAnUpload"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload"]
      Resource = ["${aws_s3_bucket.this["ingestion"].arn}/raw/*"]
    },
    {
      Sid      = "EncryptAndDecryptTheRawLog"
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
  ]
}
