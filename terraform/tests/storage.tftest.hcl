# Everything at rest is encrypted, versioned, closed to the public and open to encrypted connections alone.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "kept" {
  command = plan

  assert {
    condition     = toset(keys(aws_s3_bucket.this)) == toset(["ingestion", "processed", "code", "report"])
    error_message = "There must be four buckets."
  }

  assert {
    condition     = alltrue([for name, bucket in aws_s3_bucket.this : bucket.bucket_prefix == "totes-${name}-" && bucket.force_destroy == false])
    error_message = "Each bucket's name must end in random characters, and no bucket may be destroyed while it holds objects."
  }

  assert {
    condition = alltrue([
      for name in keys(aws_s3_bucket.this) : aws_s3_bucket_versioning.this[name].versioning_configuration[0].status == "Enabled"
      && aws_s3_bucket_versioning.this[name].bucket == aws_s3_bucket.this[name].id
    ])
    error_message = "Every bucket must be versioned."
  }

  assert {
    condition = alltrue([
      for name in keys(aws_s3_bucket.this) : alltrue([
        for rule in aws_s3_bucket_server_side_encryption_configuration.this[name].rule : rule.bucket_key_enabled
        && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
        && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.this.arn
      ]) && aws_s3_bucket_server_side_encryption_configuration.this[name].bucket == aws_s3_bucket.this[name].id
    ])
    error_message = "Every bucket must be encrypted with the pipeline's key."
  }

  assert {
    condition = alltrue([
      for name, block in aws_s3_bucket_public_access_block.this : block.block_public_acls && block.block_public_policy
      && block.ignore_public_acls && block.restrict_public_buckets && block.bucket == aws_s3_bucket.this[name].id
    ]) && length(aws_s3_bucket_public_access_block.this) == 4
    error_message = "No bucket may be public in any of the four ways."
  }

  assert {
    condition = alltrue([
      for name, bucket in aws_s3_bucket.this : anytrue([
        for statement in jsondecode(aws_s3_bucket_policy.this[name].policy).Statement :
        statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*"
        && toset(statement.Resource) == toset([bucket.arn, "${bucket.arn}/*"])
        && statement.Condition == { Bool = { "aws:SecureTransport" = "false" } }
      ]) && aws_s3_bucket_policy.this[name].bucket == bucket.id
    ])
    error_message = "Every bucket must refuse connections that are not encrypted."
  }

  assert {
    condition = {
      for name, policy in aws_s3_bucket_policy.this : name => flatten([
        for statement in jsondecode(policy.policy).Statement : statement.Resource
        if statement.Sid == "NoOverwriting" && statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:PutObject"
        && try(statement.Condition.Null["s3:if-none-match"], "") == "true"
        && try(statement.Condition.Bool["s3:ObjectCreationOperation"], "") == "true"
      ])
      } == {
      code      = []
      ingestion = ["arn:aws:s3:::ingestion/raw/*", "arn:aws:s3:::ingestion/log/*", "arn:aws:s3:::ingestion/requests/*", "arn:aws:s3:::ingestion/rates/*", "arn:aws:s3:::ingestion/slices/*"]
      processed = ["arn:aws:s3:::processed/star/*", "arn:aws:s3:::processed/compacted/*", "arn:aws:s3:::processed/state/*", "arn:aws:s3:::processed/quarantine/*", "arn:aws:s3:::processed/log/*", "arn:aws:s3:::processed/slices/*"]
      report    = []
    }
    error_message = "No object of the lake may be written without If-None-Match."
  }

  assert {
    condition = alltrue([
      for name, configuration in aws_s3_bucket_lifecycle_configuration.this :
      anytrue([for rule in configuration.rule : rule.status == "Enabled" && try(rule.abort_incomplete_multipart_upload[0].days_after_initiation, 0) == 1])
      && anytrue([for rule in configuration.rule : rule.status == "Enabled" && try(rule.noncurrent_version_expiration[0].noncurrent_days, 0) == (name == "report" ? 7 : 90)])
    ]) && length(aws_s3_bucket_lifecycle_configuration.this) == 4
    error_message = "Every bucket must drop incomplete uploads and old versions."
  }

  assert {
    condition = jsonencode({
      for name, configuration in aws_s3_bucket_lifecycle_configuration.this :
      name => { for rule in configuration.rule : rule.filter[0].prefix => rule.expiration[0].days if length(rule.expiration) > 0 }
    }) == jsonencode({ code = {}, ingestion = { "slices/" = 7 }, processed = { "slices/" = 7 }, report = {} })
    error_message = "No current object may be dropped but where the calls of a run met."
  }

  assert {
    condition = jsonencode({
      for name, configuration in aws_s3_bucket_lifecycle_configuration.this :
      name => sort(flatten([for rule in configuration.rule : rule.filter[0].prefix if length(rule.transition) > 0]))
    }) == jsonencode({ code = [], ingestion = ["raw/"], processed = ["compacted/", "quarantine/", "star/"], report = [] })
    error_message = "Data must move to cheaper storage; logs, requests, rates and state must stay."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key must be rotated, and kept as long as possible where data is protected."
  }

  assert {
    condition     = aws_kms_key.this.bypass_policy_lockout_safety_check
    error_message = "The role that deploys has rights to the key by its tag, which AWS does not know yet when it makes the key."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this.policy).Statement :
      can(statement.Condition) && !contains(flatten([statement.Action]), "kms:*") if can(statement.Principal.Service)
    ])
    error_message = "A service may use the key for this pipeline alone."
  }

  assert {
    condition = [for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Principal] == [
      { AWS = "arn:aws:iam::123456789012:root" },
      { Service = "cloudwatch.amazonaws.com" },
    ]
    error_message = "Nobody outside this account may use the key."
  }

  assert {
    condition = alltrue([
      for stage, object in aws_s3_object.code : object.bucket == "code" && object.key == "${stage}.zip"
      && object.source_hash == filebase64sha256("tests/code/${stage}.zip")
    ]) && toset(keys(aws_s3_object.code)) == toset(["ingest", "transform", "load", "verify", "replay", "report", "rates"])
    error_message = "Each function's zip must be uploaded, and again when its bytes change."
  }
}

run "data_given_up" {
  command = plan

  variables {
    protect_data = false
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : bucket.force_destroy]) && aws_kms_key.this.deletion_window_in_days == 7
    error_message = "With protect_data off, destroy must be able to remove buckets with objects and the key."
  }

  assert {
    condition     = aws_secretsmanager_secret.source[0].recovery_window_in_days == 0 && aws_secretsmanager_secret.warehouse[0].recovery_window_in_days == 0
    error_message = "With protect_data off, secrets must go at once."
  }
}
