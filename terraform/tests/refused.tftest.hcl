# Every input that is refused, at plan, before anything is made. What each says instead is in its variable's validation.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "name_with_capitals" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "Totes"
  }
}

run "name_too_long" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "a-name-of-21-letters-"
  }
}

run "government_region" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "us-gov-west-1"
  }
}

run "no_region" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "London"
  }
}

run "project_tag" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { Project = "shop" }
  }
}

run "no_address" {
  command         = plan
  expect_failures = [var.alert_emails]

  variables {
    alert_emails = []
  }
}

run "address_without_at" {
  command         = plan
  expect_failures = [var.alert_emails]

  variables {
    alert_emails = ["team@example.com", "team.example.com"]
  }
}

run "unknown_trigger" {
  command         = plan
  expect_failures = [var.trigger]

  variables {
    trigger = "cron"
  }
}

run "rate_of_two_hours" {
  command         = plan
  expect_failures = [var.rate_minutes]

  variables {
    rate_minutes = 120
  }
}

run "rate_of_sixteen_minutes" {
  command         = plan
  expect_failures = [var.rate_minutes]

  variables {
    rate_minutes = 16
  }
}

run "rate_of_nothing" {
  command         = plan
  expect_failures = [var.rate_minutes]

  variables {
    rate_minutes = 0
  }
}

run "rate_of_a_fraction" {
  command         = plan
  expect_failures = [var.rate_minutes]

  variables {
    rate_minutes = 2.5
  }
}

run "unknown_format" {
  command         = plan
  expect_failures = [var.raw_format]

  variables {
    raw_format = "parquet"
  }
}

run "no_zips" {
  command         = plan
  expect_failures = [var.code_directory]

  variables {
    code_directory = "tests"
  }
}

run "code_version_with_spaces" {
  command         = plan
  expect_failures = [var.code_version]

  variables {
    code_version = "release 1"
  }
}

run "too_little_memory" {
  command         = plan
  expect_failures = [var.memory_mb]

  variables {
    memory_mb = { load = 128 }
  }
}

run "too_much_memory" {
  command         = plan
  expect_failures = [var.memory_mb]

  variables {
    memory_mb = { transform = 10241 }
  }
}

run "no_concurrency" {
  command         = plan
  expect_failures = [var.reserved_concurrency]

  variables {
    reserved_concurrency = 0
  }
}

run "odd_retention" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 10
  }
}

run "boundary_without_arn" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "totes-boundary"
  }
}

run "network_without_subnets" {
  command         = plan
  expect_failures = [var.vpc]

  variables {
    vpc = { subnet_ids = [], security_group_ids = ["sg-1"] }
  }
}

run "network_without_security_groups" {
  command         = plan
  expect_failures = [var.vpc]

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] }
  }
}

run "network_of_names" {
  command         = plan
  expect_failures = [var.vpc]

  variables {
    vpc = { subnet_ids = ["private"], security_group_ids = ["sg-1"] }
  }
}

run "no_source" {
  command         = plan
  expect_failures = [var.source_secret]

  variables {
    source_database_url = ""
  }
}

run "two_sources" {
  command         = plan
  expect_failures = [var.source_secret]

  variables {
    source_secret = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys-AbCdEf" }
  }
}

run "source_secret_by_name" {
  command         = plan
  expect_failures = [var.source_secret]

  variables {
    source_database_url = ""
    source_secret       = { arn = "totesys" }
  }
}

run "source_url_of_another_kind" {
  command         = plan
  expect_failures = [var.source_database_url]

  variables {
    source_database_url = "mysql://reader:pw@source.example.com/totesys"
  }
}

run "source_url_with_a_bare_at" {
  command         = plan
  expect_failures = [var.source_database_url]

  variables {
    source_database_url = "postgres://reader:p@w@source.example.com/totesys"
  }
}

run "source_version_of_zero" {
  command         = plan
  expect_failures = [var.source_database_url_version]

  variables {
    source_database_url_version = 0
  }
}

run "no_source_schema" {
  command         = plan
  expect_failures = [var.source_schema]

  variables {
    source_schema = ""
  }
}

run "lookback_of_a_fraction" {
  command         = plan
  expect_failures = [var.capture]

  variables {
    capture = { sales_order = 1.5 }
  }
}

run "no_warehouse" {
  command         = plan
  expect_failures = [var.warehouse_secret]

  variables {
    warehouse_database_url = ""
  }
}

run "two_warehouses" {
  command         = plan
  expect_failures = [var.warehouse_secret]

  variables {
    warehouse_secret = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-AbCdEf" }
  }
}

run "warehouse_secret_by_name" {
  command         = plan
  expect_failures = [var.warehouse_secret]

  variables {
    warehouse_database_url = ""
    warehouse_secret       = { arn = "warehouse" }
  }
}

run "warehouse_url_without_user" {
  command         = plan
  expect_failures = [var.warehouse_database_url]

  variables {
    warehouse_database_url = "postgres://warehouse.example.com/warehouse"
  }
}

run "warehouse_version_of_a_fraction" {
  command         = plan
  expect_failures = [var.warehouse_database_url_version]

  variables {
    warehouse_database_url_version = 1.5
  }
}

run "long_warehouse_schema" {
  command         = plan
  expect_failures = [var.warehouse_schema]

  variables {
    warehouse_schema = "a_name_of_sixty_four_letters_which_postgresql_would_cut_off_at_63_"
  }
}

run "rds_without_network" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_database_url = ""
    warehouse_rds_password = "warehouse-password-of-28-let"
    warehouse_rds          = {}
  }
}

run "rds_in_one_subnet" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_database_url = ""
    warehouse_rds_password = "warehouse-password-of-28-let"
    warehouse_rds          = {}
    vpc                    = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
}

run "rds_that_cannot_grow" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_database_url = ""
    warehouse_rds_password = "warehouse-password-of-28-let"
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = { maximum_storage_gb = 20 }
  }
}

run "rds_without_backups" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_database_url = ""
    warehouse_rds_password = "warehouse-password-of-28-let"
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = { backup_retention_days = 0 }
  }
}

run "rds_of_an_old_release" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_database_url = ""
    warehouse_rds_password = "warehouse-password-of-28-let"
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = { engine_version = "11" }
  }
}

run "rds_without_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_database_url = ""
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = {}
  }
}

run "password_without_rds" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_rds_password = "warehouse-password-of-28-let"
  }
}

run "rds_with_a_short_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_database_url = ""
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = {}
    warehouse_rds_password = "short"
  }
}

run "rds_with_an_at_in_its_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_database_url = ""
    vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    warehouse_rds          = {}
    warehouse_rds_password = "password-with-an-@-sign"
  }
}
