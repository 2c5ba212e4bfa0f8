# A database that is given by its URL gets a secret here; the functions get the secret's ARN and read it when they start.

resource "aws_secretsmanager_secret" "source" {
  # checkov:skip=CKV2_AWS_57:The owner of the source sets this password; raise source_database_url_version to hand on a new one
  count = var.source_secret == null ? 1 : 0

  name_prefix             = "${var.name}-source-"
  description             = "URL of the source database of ${var.name}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.protect_data ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "source" {
  count = var.source_secret == null ? 1 : 0

  secret_id                = aws_secretsmanager_secret.source[0].id
  secret_string_wo         = var.source_database_url
  secret_string_wo_version = var.source_database_url_version
}

resource "aws_secretsmanager_secret" "warehouse" {
  # checkov:skip=CKV2_AWS_57:A rotation behind Terraform's back would undo password_version and warehouse_database_url_version, which rotate it
  count = var.warehouse_secret == null ? 1 : 0

  name_prefix             = "${var.name}-warehouse-"
  description             = "How to reach the warehouse of ${var.name}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.protect_data ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "warehouse" {
  count = var.warehouse_secret == null ? 1 : 0

  secret_id                = aws_secretsmanager_secret.warehouse[0].id
  secret_string_wo         = var.warehouse_redshift != null ? local.redshift_secret : var.warehouse_rds == null ? var.warehouse_database_url : local.rds_secret
  secret_string_wo_version = var.warehouse_redshift != null ? var.warehouse_redshift.password_version : var.warehouse_rds == null ? var.warehouse_database_url_version : var.warehouse_rds.password_version
}

locals {
  # The secret of each database and the key that opens it; a null key is the one that AWS manages, which asks for no right.
  secrets = {
    source = {
      arn         = var.source_secret == null ? aws_secretsmanager_secret.source[0].arn : var.source_secret.arn
      kms_key_arn = var.source_secret == null ? aws_kms_key.this.arn : var.source_secret.kms_key_arn
    }
    warehouse = {
      arn         = var.warehouse_secret == null ? aws_secretsmanager_secret.warehouse[0].arn : var.warehouse_secret.arn
      kms_key_arn = var.warehouse_secret == null ? aws_kms_key.this.arn : var.warehouse_secret.kms_key_arn
    }
  }

  # What lets a stage read the secret of its database, and no other.
  secret_statements = {
    for database, secret in local.secrets : database => concat(
      [{
        Sid      = "ReadTheSecret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [secret.arn]
      }],
      [for key in [secret.kms_key_arn] : {
        Sid      = "DecryptTheSecret"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [key]
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.${split(":", secret.arn)[3]}.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = secret.arn
          }
        }
      } if key != null],
    )
  }
}
