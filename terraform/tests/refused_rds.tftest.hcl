# A warehouse on RDS that is refused. Each run differs in one thing from the one below, which is right.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  warehouse_database_url = ""
  warehouse_rds_password = "warehouse-password-of-28-let"
  warehouse_rds          = {}
  vpc                    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
}

run "rds_that_is_right" {
  command = plan
}

run "rds_without_network" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    vpc = null
  }
}

run "rds_in_one_subnet" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
}

run "rds_that_cannot_grow" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_rds = { maximum_storage_gb = 20 }
  }
}

run "rds_without_backups" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_rds = { backup_retention_days = 0 }
  }
}

run "rds_of_an_old_release" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_rds = { engine_version = "11" }
  }
}

run "rds_of_no_class" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_rds = { instance_class = "t4g.micro" }
  }
}

run "rds_of_no_password_version" {
  command         = plan
  expect_failures = [var.warehouse_rds]

  variables {
    warehouse_rds = { password_version = 0 }
  }
}

run "rds_without_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_rds_password = ""
  }
}

run "rds_with_a_short_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_rds_password = "short"
  }
}

run "rds_with_an_at_in_its_password" {
  command         = plan
  expect_failures = [var.warehouse_rds_password]

  variables {
    warehouse_rds_password = "password-with-an-@-sign"
  }
}
