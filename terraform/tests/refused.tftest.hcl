# Every input that is refused, at plan, before anything is made. What each says instead is in its variable's validation. A
# variable that another one's validation reads has its own run: Terraform does not go on from one that it has refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "of_another_form" {
  command = plan

  variables {
    name                     = "Totes"
    region                   = "London"
    tags                     = { Project = "shop" }
    alert_emails             = ["team@example.com", "team.example.com"]
    trigger                  = "cron"
    runbook_url              = "docs/runbook.md#stale"
    accept_narrowed          = ["unit_price"]
    raw_format               = "parquet"
    code_directory           = "tests"
    code_version             = "release 1"
    log_retention_days       = 10
    permissions_boundary_arn = "totes-boundary"
    vpc                      = { subnet_ids = ["private"], security_group_ids = ["sg-1"] }
    source_database_url      = "mysql://reader:pw@source.example.com/totesys"
    capture                  = { "sales_order=3600,payment" = 60 }
    warehouse_database_url   = "postgres://warehouse.example.com/warehouse"
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.alert_emails,
    var.trigger,
    var.runbook_url,
    var.accept_narrowed,
    var.raw_format,
    var.code_directory,
    var.code_version,
    var.log_retention_days,
    var.permissions_boundary_arn,
    var.vpc,
    var.source_database_url,
    var.capture,
    var.warehouse_database_url,
  ]
}

run "nearly_right" {
  command = plan

  variables {
    name                = "totes-"
    region              = "us-gov-west-1"
    alert_emails        = ["team@example"]
    vpc                 = { subnet_ids = ["subnet-1"], security_group_ids = ["default"] }
    source_database_url = "postgres://reader:p@w@source.example.com/totesys"
  }

  expect_failures = [
    var.name,
    var.region,
    var.alert_emails,
    var.vpc,
    var.source_database_url,
  ]
}

run "empty_or_too_small" {
  command = plan

  variables {
    name                           = "t"
    alert_emails                   = []
    rate_minutes                   = 0
    verify_hours                   = -1
    warnings_per_hour              = -1
    runbook_url                    = ""
    prices                         = { request = -1 }
    code_version                   = ""
    memory_mb                      = { load = 128 }
    reserved_concurrency           = 0
    slice_connections              = -1
    slice_blocks                   = 0
    transform_slices               = -1
    log_retention_days             = 0
    vpc                            = { subnet_ids = [], security_group_ids = ["sg-1"] }
    source_database_url_version    = 0
    source_schema                  = ""
    capture                        = { sales_order = -1 }
    warehouse_database_url_version = 0
    warehouse_schema               = ""
  }

  expect_failures = [
    var.name,
    var.alert_emails,
    var.rate_minutes,
    var.verify_hours,
    var.warnings_per_hour,
    var.runbook_url,
    var.prices,
    var.code_version,
    var.memory_mb,
    var.reserved_concurrency,
    var.slice_connections,
    var.slice_blocks,
    var.transform_slices,
    var.log_retention_days,
    var.vpc,
    var.source_database_url_version,
    var.source_schema,
    var.capture,
    var.warehouse_database_url_version,
    var.warehouse_schema,
  ]
}

run "too_large" {
  command = plan

  variables {
    name                 = "a-name-of-21-letters1"
    rate_minutes         = 120
    verify_hours         = 169
    code_version         = "a-version-of-sixty-five-letters-which-is-longer-than-any-commit-65"
    memory_mb            = { transform = 10241 }
    reserved_concurrency = 101
    slice_connections    = 101
    slice_blocks         = 4294967297
    transform_slices     = 1001
    source_schema        = "a_name_of_sixty_four_letters_which_postgresql_would_cut_off_at_63_"
    capture              = { sales_order = 1000000000 }
    warehouse_schema     = "a_name_of_sixty_four_letters_which_postgresql_would_cut_off_at_63_"
  }

  expect_failures = [
    var.name,
    var.rate_minutes,
    var.verify_hours,
    var.code_version,
    var.memory_mb,
    var.reserved_concurrency,
    var.slice_connections,
    var.slice_blocks,
    var.transform_slices,
    var.source_schema,
    var.capture,
    var.warehouse_schema,
  ]
}

# Two runs of it would not fit into the 30 minutes that the warehouse may be behind.
run "rate_of_sixteen_minutes" {
  command         = plan
  expect_failures = [var.rate_minutes]

  variables {
    rate_minutes = 16
  }
}

run "fractions" {
  command = plan

  variables {
    rate_minutes                   = 2.5
    verify_hours                   = 1.5
    memory_mb                      = { ingest = 1024.5 }
    reserved_concurrency           = 1.5
    slice_connections              = 1.5
    slice_blocks                   = 1.5
    transform_slices               = 1.5
    source_database_url_version    = 1.5
    capture                        = { sales_order = 1.5 }
    warehouse_database_url_version = 1.5
  }

  expect_failures = [
    var.rate_minutes,
    var.verify_hours,
    var.memory_mb,
    var.reserved_concurrency,
    var.slice_connections,
    var.slice_blocks,
    var.transform_slices,
    var.source_database_url_version,
    var.capture,
    var.warehouse_database_url_version,
  ]
}

run "network_without_security_groups" {
  command         = plan
  expect_failures = [var.vpc]

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] }
  }
}

run "no_database" {
  command         = plan
  expect_failures = [var.source_secret, var.warehouse_secret]

  variables {
    source_database_url    = ""
    warehouse_database_url = ""
  }
}

run "database_given_twice" {
  command         = plan
  expect_failures = [var.source_secret, var.warehouse_secret]

  variables {
    source_secret    = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys-AbCdEf" }
    warehouse_secret = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-AbCdEf" }
  }
}

run "secret_by_name" {
  command         = plan
  expect_failures = [var.source_secret, var.warehouse_secret]

  variables {
    source_database_url    = ""
    source_secret          = { arn = "totesys" }
    warehouse_database_url = ""
    warehouse_secret       = { arn = "warehouse" }
  }
}

run "password_without_rds" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_rds_password = "warehouse-password-of-28-let"
  }
}

# They become resources of a policy.
run "secrets_with_any_key" {
  command         = plan
  expect_failures = [var.source_secret, var.warehouse_secret]

  variables {
    source_database_url    = ""
    source_secret          = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys-AbCdEf", kms_key_arn = "*" }
    warehouse_database_url = ""
    warehouse_secret       = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-AbCdEf", kms_key_arn = "arn:aws:kms:eu-west-2:123456789012:alias/totes" }
  }
}

# An object of S3 takes ten, and one of them is `project`.
run "ten_tags" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { for number in range(10) : "tag${number}" => "x" }
  }
}

# IAM and KMS need it whole.
run "secrets_without_their_last_letters" {
  command         = plan
  expect_failures = [var.source_secret, var.warehouse_secret]

  variables {
    source_database_url    = ""
    source_secret          = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys" }
    warehouse_database_url = ""
    warehouse_secret       = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse" }
  }
}
