# How the stages learn of their databases, and that no password is kept where it could be read.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "made_here" {
  command = plan

  # A write-only attribute reads as null, whatever was written: scripts/terraform/configuration.test.ts checks the values.
  assert {
    condition = alltrue([
      for version in [aws_secretsmanager_secret_version.source[0], aws_secretsmanager_secret_version.warehouse[0]] :
      version.secret_string_wo_version == 1 && version.secret_string == null
    ])
    error_message = "Secrets must be written through write-only attributes."
  }

  assert {
    condition = alltrue([
      for secret in [aws_secretsmanager_secret.source[0], aws_secretsmanager_secret.warehouse[0]] :
      secret.kms_key_id == aws_kms_key.this.arn && secret.recovery_window_in_days == 30
    ])
    error_message = "Secrets must be encrypted with the pipeline's key, and be kept for a while after a deletion."
  }

  assert {
    condition     = module.ingest.environment["SOURCE_DATABASE"] == aws_secretsmanager_secret.source[0].arn && module.load.environment["WAREHOUSE_DATABASE"] == aws_secretsmanager_secret.warehouse[0].arn
    error_message = "A function must be told the ARN of its secret."
  }

  assert {
    condition     = length(regexall("password|postgres:", jsonencode([module.ingest.environment, module.transform.environment, module.load.environment, module.verify.environment, module.replay.environment, module.report.environment]))) == 0
    error_message = "No function's environment may hold a password or a URL."
  }

  assert {
    condition     = length(aws_db_instance.warehouse) + length(aws_security_group.warehouse) + length(aws_db_subnet_group.warehouse) + length(aws_db_parameter_group.warehouse) == 0 && output.warehouse_address == null
    error_message = "No database may be made unless asked for."
  }
}

run "given" {
  command = plan

  variables {
    source_database_url    = ""
    warehouse_database_url = ""
    source_secret          = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:totesys-AbCdEf", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/shop" }
    warehouse_secret       = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-AbCdEf" }
  }

  assert {
    condition     = length(aws_secretsmanager_secret.source) + length(aws_secretsmanager_secret.warehouse) + length(aws_secretsmanager_secret_version.source) + length(aws_secretsmanager_secret_version.warehouse) == 0
    error_message = "No secret may be made where one is given."
  }

  assert {
    condition     = module.ingest.environment["SOURCE_DATABASE"] == var.source_secret.arn && module.load.environment["WAREHOUSE_DATABASE"] == var.warehouse_secret.arn
    error_message = "A function must be told the ARN of the secret given."
  }

  assert {
    condition = [
      for statement in jsondecode(module.ingest.policy).Statement : statement if contains(["ReadTheSecret", "DecryptTheSecret"], statement.Sid)
      ] == [
      {
        Sid      = "ReadTheSecret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:totesys-AbCdEf"]
      },
      {
        Sid      = "DecryptTheSecret"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = ["arn:aws:kms:eu-west-1:123456789012:key/shop"]
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.eu-west-1.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:totesys-AbCdEf"
          }
        }
      },
    ]
    error_message = "Ingest must be able to read the secret given, with its key."
  }

  assert {
    condition     = !strcontains(module.load.policy, "DecryptTheSecret")
    error_message = "A secret under the key that AWS manages asks for no right to a key."
  }
}

run "settings" {
  command = plan

  variables {
    source_database_url_version    = 2
    source_schema                  = "shop"
    raw_format                     = "json"
    capture                        = { sales_order = 3600, payment = 60 }
    accept_narrowed                = ["sales_order.unit_price", "payment.paid"]
    warehouse_database_url_version = 3
    warehouse_schema               = "star"
    code_version                   = "0123abc"
    reserved_concurrency           = 2
    slice_blocks                   = 4096
    log_retention_days             = 30
    permissions_boundary_arn       = "arn:aws:iam::123456789012:policy/totes-boundary"
    vpc                            = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  # What a stage makes of them is tested in stage.tftest.hcl.
  assert {
    condition = local.stage_settings == {
      reserved_concurrency     = 2
      log_retention_days       = 30
      permissions_boundary_arn = var.permissions_boundary_arn
      vpc                      = var.vpc
    }
    error_message = "Every stage must get the settings that all have in common."
  }

  assert {
    condition = module.ingest.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      SOURCE_DATABASE     = aws_secretsmanager_secret.source[0].arn
      SOURCE_SCHEMA       = "shop"
      RAW_BUCKET          = "s3://ingestion"
      RAW_FORMAT          = "json"
      CAPTURE             = "payment=60,sales_order=3600"
      ACCEPT_NARROWED     = "payment.paid,sales_order.unit_price"
      SLICE_BLOCKS        = "4096"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Ingest must get its settings."
  }

  assert {
    condition = module.transform.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      RAW_BUCKET          = "s3://ingestion"
      PROCESSED_BUCKET    = "s3://processed"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Transform must get its settings."
  }

  assert {
    condition = module.load.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      WAREHOUSE_DATABASE  = aws_secretsmanager_secret.warehouse[0].arn
      WAREHOUSE_SCHEMA    = "star"
      PROCESSED_BUCKET    = "s3://processed"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Load must get its settings."
  }

  assert {
    condition = module.verify.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      SOURCE_DATABASE     = aws_secretsmanager_secret.source[0].arn
      SOURCE_SCHEMA       = "shop"
      WAREHOUSE_DATABASE  = aws_secretsmanager_secret.warehouse[0].arn
      WAREHOUSE_SCHEMA    = "star"
      RAW_BUCKET          = "s3://ingestion"
      PROCESSED_BUCKET    = "s3://processed"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Verify must get its settings."
  }

  assert {
    condition = module.replay.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      WAREHOUSE_DATABASE  = aws_secretsmanager_secret.warehouse[0].arn
      WAREHOUSE_SCHEMA    = "star"
      RAW_BUCKET          = "s3://ingestion"
      PROCESSED_BUCKET    = "s3://processed"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Replay must get its settings."
  }

  assert {
    condition = module.report.environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      WAREHOUSE_DATABASE  = aws_secretsmanager_secret.warehouse[0].arn
      WAREHOUSE_SCHEMA    = "star"
      REPORT_BUCKET       = "s3://report"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Report must get its settings."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.source[0].secret_string_wo_version == 2 && aws_secretsmanager_secret_version.warehouse[0].secret_string_wo_version == 3
    error_message = "A new version must write the secret again."
  }
}

run "rds" {
  command = plan

  variables {
    warehouse_database_url = ""
    warehouse_rds          = {}
    warehouse_rds_password = "warehouse-password-of-28-let"
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-functions"] }
  }

  assert {
    condition = (
      aws_db_instance.warehouse[0].storage_encrypted
      && aws_db_instance.warehouse[0].kms_key_id == aws_kms_key.this.arn
      && aws_db_instance.warehouse[0].publicly_accessible == false
      && aws_db_instance.warehouse[0].deletion_protection
      && aws_db_instance.warehouse[0].skip_final_snapshot == false
      && aws_db_instance.warehouse[0].backup_retention_period == 7
    )
    error_message = "The warehouse must be encrypted, private, backed up and protected from deletion."
  }

  assert {
    condition     = aws_db_instance.warehouse[0].password_wo_version == 1 && aws_db_instance.warehouse[0].password == null
    error_message = "The password must be written through a write-only attribute."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.warehouse[0].secret_string_wo_version == 1 && module.load.environment["WAREHOUSE_DATABASE"] == aws_secretsmanager_secret.warehouse[0].arn
    error_message = "Load must learn of the warehouse by a secret."
  }

  assert {
    condition = [
      for rule in aws_vpc_security_group_ingress_rule.warehouse : "${rule.security_group_id} ${rule.referenced_security_group_id} ${rule.ip_protocol} ${rule.from_port} ${rule.to_port}"
    ] == ["sg-warehouse sg-functions tcp 5432 5432"] && aws_db_instance.warehouse[0].vpc_security_group_ids == toset(["sg-warehouse"])
    error_message = "The functions alone may reach the warehouse."
  }

  assert {
    condition     = one(aws_db_parameter_group.warehouse[0].parameter).name == "rds.force_ssl" && one(aws_db_parameter_group.warehouse[0].parameter).value == "1"
    error_message = "The warehouse must refuse connections that are not encrypted."
  }

  assert {
    condition     = aws_db_subnet_group.warehouse[0].subnet_ids == toset(["subnet-1", "subnet-2"]) && output.warehouse_address == aws_db_instance.warehouse[0].address
    error_message = "The warehouse must be in the subnets given, and its address be told."
  }
}

run "rds_given_up" {
  command = plan

  variables {
    warehouse_database_url = ""
    warehouse_rds          = { password_version = 2 }
    warehouse_rds_password = "warehouse-password-of-28-let"
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-functions"] }
    protect_data           = false
  }

  assert {
    condition     = aws_db_instance.warehouse[0].deletion_protection == false && aws_db_instance.warehouse[0].skip_final_snapshot
    error_message = "With protect_data off, destroy must be able to remove the warehouse."
  }

  assert {
    condition     = aws_db_instance.warehouse[0].password_wo_version == 2 && aws_secretsmanager_secret_version.warehouse[0].secret_string_wo_version == 2
    error_message = "A new password must reach the database and its secret together."
  }
}
