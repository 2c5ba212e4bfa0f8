# What every stage has: its function, role, log group and, where it runs in a network, the rights for that.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "totes-ingest"
  description = "Brings what changed in the source into the lake"
  code        = { bucket = "code", key = "ingest.zip", version = "1", hash = "aGFzaA==" }
  environment = { RAW_BUCKET = "s3://ingestion" }
  policy      = [{ Sid = "Own", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::ingestion/raw/*"] }]
  memory_mb   = 1024
  settings = {
    reserved_concurrency     = 2
    log_retention_days       = 90
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/totes-boundary"
    vpc                      = null
  }
}

run "own" {
  command = plan

  module {
    source = "./modules/stage"
  }

  assert {
    condition = (
      aws_lambda_function.this.runtime == "nodejs22.x"
      && aws_lambda_function.this.handler == "index.handler"
      && one(aws_lambda_function.this.architectures) == "arm64"
    )
    error_message = "The function must run the zip as scripts/build makes it."
  }

  assert {
    condition = (
      aws_lambda_function.this.s3_bucket == "code"
      && aws_lambda_function.this.s3_key == "ingest.zip"
      && aws_lambda_function.this.s3_object_version == "1"
      && aws_lambda_function.this.source_code_hash == "aGFzaA=="
    )
    error_message = "The function must take the very version of the zip that was uploaded."
  }

  assert {
    condition     = aws_lambda_function.this.timeout == 900 && aws_lambda_function.this.memory_size == 1024 && aws_lambda_function.this.reserved_concurrent_executions == 2
    error_message = "The function must have the time that Lambda allows, and the memory and concurrency that it is given."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem", RAW_BUCKET = "s3://ingestion" })
    error_message = "The function must trust the authorities of RDS, beside its own settings."
  }

  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0 && !strcontains(local.policy, "ec2:")
    error_message = "Without a network there must be no rights for one."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/totes-ingest" && aws_cloudwatch_log_group.this.retention_in_days == 90
    error_message = "The log must be kept for the days given."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/totes-ingest" && !strcontains(local.policy, "logs:CreateLogGroup")
    error_message = "The function must write into the log group made for it, and be unable to make another."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }
    ]
    error_message = "Lambda alone may take the role."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/totes-boundary"
    error_message = "The boundary must hold for the role."
  }

  assert {
    condition     = aws_lambda_function.this.role == aws_iam_role.this.arn && aws_iam_role_policy.this.role == aws_iam_role.this.name && aws_iam_role_policy.this.policy == local.policy
    error_message = "The function must have its own role with its own policy."
  }
}

run "network" {
  command = plan

  module {
    source = "./modules/stage"
  }

  variables {
    settings = {
      reserved_concurrency     = -1
      log_retention_days       = 90
      permissions_boundary_arn = null
      vpc                      = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    }
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1", "subnet-2"]) && aws_lambda_function.this.vpc_config[0].security_group_ids == toset(["sg-1"])
    error_message = "The function must run in the subnets and security groups given."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(local.policy).Statement : statement.Effect == "Deny" && contains(statement.Action, "ec2:CreateNetworkInterface")
      && statement.Condition == { ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:eu-west-2:123456789012:function:totes-ingest" } }
      if can(statement.Condition)
    ])
    error_message = "The code itself must not use the rights that attach the function to its network."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(local.policy).Statement : alltrue([for action in statement.Action : startswith(action, "ec2:")])
      if contains(statement.Resource, "*")
    ])
    error_message = "Only the rights for the network, which AWS does not narrow, may name all resources."
  }
}
