# Brings exchange rates into the lake, where a deployment asks for them. The next run of the pipeline takes them from there.

module "rates" {
  source = "./modules/stage"
  count  = var.exchange_rates.enabled ? 1 : 0

  name        = "${var.name}-rates"
  description = "Brings exchange rates into the lake"
  code        = local.code["rates"]
  memory_mb   = var.memory_mb.rates
  # It talks to no database, and a network of databases often has no way out.
  settings = merge(local.stage_settings, { vpc = null })
  policy   = concat(local.rates_policy, local.alert_statements)

  environment = {
    RAW_BUCKET   = "s3://${aws_s3_bucket.this["ingestion"].id}"
    RATES_URL    = var.exchange_rates.url
    CODE_VERSION = var.code_version
  }
}

locals {
  rates_policy = [
    {
      Sid       = "FindTheLastRates"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["ingestion"].arn]
      Condition = { StringEquals = { "s3:prefix" = "rates/" } }
    },
    {
      # What is known already is not appended again.
      Sid    = "ReadAndAppendRates"
      Effect = "Allow"
      Action = ["s3:GetObject", "s3:PutObject"]
      Resource = [
        "${aws_s3_bucket.this["ingestion"].arn}/rates/*",
        "${aws_s3_bucket.this["ingestion"].arn}/raw/exchange_rate/*",
      ]
    },
    {
      Sid      = "EncryptAndDecryptRates"
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
