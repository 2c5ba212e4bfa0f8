# A warehouse in Redshift Serverless: what it may read, who reaches it, and what is refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  warehouse_database_url      = ""
  warehouse_redshift          = {}
  warehouse_redshift_password = "Warehouse-password-of-32-letters"
  verify_hours                = 0
  vpc                         = { subnet_ids = ["subnet-1", "subnet-2", "subnet-3"], security_group_ids = ["sg-functions"] }
}

run "made_here" {
  command = plan

  assert {
    condition = (
      aws_redshiftserverless_namespace.warehouse[0].kms_key_id == aws_kms_key.this.arn
      && aws_redshiftserverless_workgroup.warehouse[0].publicly_accessible == false
      && contains([for each in aws_redshiftserverless_workgroup.warehouse[0].config_parameter : "${each.parameter_key} ${each.parameter_value}"], "require_ssl true")
    )
    error_message = "The warehouse must be encrypted, private, and speak TLS alone."
  }

  assert {
    condition     = aws_redshiftserverless_namespace.warehouse[0].admin_user_password_wo_version == 1 && aws_redshiftserverless_namespace.warehouse[0].admin_user_password == null
    error_message = "The password must be written through a write-only attribute."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_role_policy.redshift_copy[0].policy).Statement : [for action in statement.Action : [for resource in statement.Resource : "${action} ${resource}"]]
      ]) == [
      "s3:ListBucket ${aws_s3_bucket.this["processed"].arn}",
      "s3:GetObject ${aws_s3_bucket.this["processed"].arn}/star/*",
      "s3:GetObject ${aws_s3_bucket.this["processed"].arn}/redshift/*",
      "kms:Decrypt ${aws_kms_key.this.arn}",
    ]
    error_message = "COPY may read the rows and the lists of them, and nothing else."
  }

  assert {
    condition = [
      for statement in jsondecode(module.load.policy).Statement : statement.Resource if contains(try(statement.Action, []), "s3:PutObject")
    ] == [["${aws_s3_bucket.this["processed"].arn}/redshift/*"]]
    error_message = "Load may write lists of objects for COPY, and nothing else of the lake."
  }

  assert {
    condition     = module.load.environment["WAREHOUSE_DATABASE"] == aws_secretsmanager_secret.warehouse[0].arn && length(aws_db_instance.warehouse) == 0
    error_message = "Load must learn of the warehouse by a secret."
  }
}

run "not_asked_for" {
  command = plan

  variables {
    warehouse_database_url      = "postgres://writer:warehouse-password@warehouse.example.com/warehouse"
    warehouse_redshift          = null
    warehouse_redshift_password = ""
  }

  assert {
    condition     = length(aws_redshiftserverless_namespace.warehouse) + length(aws_redshiftserverless_workgroup.warehouse) + length(aws_iam_role.redshift_copy) + length(aws_security_group.redshift) == 0
    error_message = "No Redshift may be made unless asked for."
  }

  assert {
    condition     = !strcontains(module.load.policy, "s3:PutObject")
    error_message = "Load may write nothing into the lake then."
  }
}

run "that_is_there_already" {
  command = plan

  variables {
    warehouse_redshift          = null
    warehouse_redshift_password = ""
    warehouse_secret            = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:cluster-AbCdEf", engine = "redshift" }
  }

  assert {
    condition = [
      for statement in jsondecode(module.load.policy).Statement : statement.Resource if contains(try(statement.Action, []), "s3:PutObject")
    ] == [["${aws_s3_bucket.this["processed"].arn}/redshift/*"]]
    error_message = "Load must be able to write lists of objects for the COPY of a cluster of one's own."
  }

  assert {
    condition     = length(aws_redshiftserverless_namespace.warehouse) + length(aws_iam_role.redshift_copy) == 0
    error_message = "Nothing of Redshift may be made beside a cluster of one's own."
  }
}

run "that_is_there_already_with_a_comparison" {
  command         = plan
  expect_failures = [var.warehouse_secret]

  variables {
    warehouse_redshift          = null
    warehouse_redshift_password = ""
    warehouse_secret            = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:cluster-AbCdEf", engine = "redshift" }
    verify_hours                = 24
  }
}

run "of_an_unknown_engine" {
  command         = plan
  expect_failures = [var.warehouse_secret]

  variables {
    warehouse_redshift          = null
    warehouse_redshift_password = ""
    warehouse_secret            = { arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:cluster-AbCdEf", engine = "mysql" }
  }
}

run "in_two_subnets" {
  command         = plan
  expect_failures = [var.warehouse_redshift]

  variables {
    vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-functions"] }
  }
}

run "with_a_comparison" {
  command         = plan
  expect_failures = [var.warehouse_redshift]

  variables {
    verify_hours = 24
  }
}

run "of_seven_units" {
  command         = plan
  expect_failures = [var.warehouse_redshift]

  variables {
    warehouse_redshift = { base_capacity_rpu = 7 }
  }
}

run "that_cannot_grow" {
  command         = plan
  expect_failures = [var.warehouse_redshift]

  variables {
    warehouse_redshift = { base_capacity_rpu = 32 }
  }
}

run "of_a_broken_version" {
  command         = plan
  expect_failures = [var.warehouse_redshift]

  variables {
    warehouse_redshift = { password_version = 0 }
  }
}

run "without_password" {
  command         = plan
  expect_failures = [var.warehouse_redshift_password]

  variables {
    warehouse_redshift_password = ""
  }
}

run "with_a_weak_password" {
  command         = plan
  expect_failures = [var.warehouse_redshift_password]

  variables {
    warehouse_redshift_password = "no-capital-no-digit"
  }
}
