# Each role may do its own work and nothing beyond. The lists are complete: one right more or less fails.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "roles" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.ingest.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-ingest:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-ingest:*",
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:GetObject arn:aws:s3:::ingestion/raw/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/log/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/slices/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/raw/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/log/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/slices/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/requests/*",
      "Allow s3:AbortMultipartUpload arn:aws:s3:::ingestion/raw/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-AbCdEf",
    ])
    error_message = "Ingest must append to the ingestion bucket, and read its requests and the source's secret, no more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.transform.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-transform:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-transform:*",
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::ingestion/raw/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/log/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/rates/*",
      "Allow s3:GetObject arn:aws:s3:::processed/star/*",
      "Allow s3:GetObject arn:aws:s3:::processed/compacted/*",
      "Allow s3:GetObject arn:aws:s3:::processed/state/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow s3:PutObject arn:aws:s3:::processed/star/*",
      "Allow s3:PutObject arn:aws:s3:::processed/compacted/*",
      "Allow s3:PutObject arn:aws:s3:::processed/state/*",
      "Allow s3:PutObject arn:aws:s3:::processed/quarantine/*",
      "Allow s3:PutObject arn:aws:s3:::processed/log/*",
      "Allow s3:GetObject arn:aws:s3:::processed/slices/*",
      "Allow s3:PutObject arn:aws:s3:::processed/slices/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
    ])
    error_message = "Transform must read the ingestion bucket and append to the processed one, no more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.load.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-load:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-load:*",
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::processed/star/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf",
    ])
    error_message = "Load must read the processed bucket and the warehouse's secret, no more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.verify.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-verify:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-verify:*",
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::ingestion/requests/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/requests/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow s3:GetObject arn:aws:s3:::processed/state/quarantine/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-AbCdEf",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf",
      "Allow sns:Publish arn:aws:sns:eu-west-2:123456789012:totes-alerts",
    ])
    error_message = "Verify must read both databases' secrets and what is set aside, write requests and tell of a failure, no more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.replay.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-replay:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-replay:*",
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::ingestion/raw/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/log/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/rates/*",
      "Allow s3:GetObject arn:aws:s3:::processed/star/*",
      "Allow s3:GetObject arn:aws:s3:::processed/compacted/*",
      "Allow s3:GetObject arn:aws:s3:::processed/state/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow s3:PutObject arn:aws:s3:::processed/star/*",
      "Allow s3:PutObject arn:aws:s3:::processed/compacted/*",
      "Allow s3:PutObject arn:aws:s3:::processed/state/*",
      "Allow s3:PutObject arn:aws:s3:::processed/quarantine/*",
      "Allow s3:PutObject arn:aws:s3:::processed/log/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf",
    ])
    error_message = "Replay must do what transform and load do, no more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.report.policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-report:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-report:*",
      "Allow s3:ListBucket arn:aws:s3:::report",
      "Allow s3:GetObject arn:aws:s3:::report/index.html",
      "Allow s3:PutObject arn:aws:s3:::report/index.html",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf",
    ])
    error_message = "Report must read the warehouse's secret and replace the page, no more."
  }

  # A processed log that was written anew stands below the first one's folder.
  assert {
    condition = {
      for name, policy in { ingest = module.ingest.policy, transform = module.transform.policy, load = module.load.policy, verify = module.verify.policy, replay = module.replay.policy } : name => [
        for statement in jsondecode(policy).Statement : "${join(" ", statement.Resource)} ${jsonencode(statement.Condition)}" if contains(statement.Action, "s3:ListBucket")
      ]
      } == {
      ingest    = ["arn:aws:s3:::ingestion {\"StringLike\":{\"s3:prefix\":[\"log/\",\"requests/\",\"rates/\",\"slices/*\"]}}"]
      transform = ["arn:aws:s3:::ingestion {\"StringEquals\":{\"s3:prefix\":\"log/\"}}", "arn:aws:s3:::processed {\"StringLike\":{\"s3:prefix\":\"log/*\"}}", "arn:aws:s3:::processed {\"StringLike\":{\"s3:prefix\":\"slices/*\"}}"]
      load      = ["arn:aws:s3:::processed {\"StringLike\":{\"s3:prefix\":\"log/*\"}}"]
      verify    = ["arn:aws:s3:::ingestion {\"StringEquals\":{\"s3:prefix\":\"requests/\"}}", "arn:aws:s3:::processed {\"StringLike\":{\"s3:prefix\":\"log/*\"}}"]
      replay    = ["arn:aws:s3:::ingestion {\"StringEquals\":{\"s3:prefix\":\"log/\"}}", "arn:aws:s3:::processed {\"StringLike\":{\"s3:prefix\":\"log/*\"}}"]
    }
    error_message = "Only the logs, requests and rates may be listed, by those who follow them."
  }

  # Of the key a stage may use what its bucket or its secret needs, through that service alone.
  assert {
    condition = toset(flatten([
      for stage, policy in { ingest = module.ingest.policy, transform = module.transform.policy, load = module.load.policy, verify = module.verify.policy, replay = module.replay.policy, report = module.report.policy } : [
        for statement in jsondecode(policy).Statement :
        "${stage} ${join("+", statement.Action)} ${join(" ", [for key in sort(keys(statement.Condition.StringEquals)) : statement.Condition.StringEquals[key]])}"
        if contains(statement.Action, "kms:Decrypt")
      ]
      ])) == toset([
      "ingest kms:Decrypt+kms:GenerateDataKey arn:aws:s3:::ingestion s3.eu-west-2.amazonaws.com",
      "ingest kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
      "transform kms:Decrypt arn:aws:s3:::ingestion s3.eu-west-2.amazonaws.com",
      "transform kms:Decrypt+kms:GenerateDataKey arn:aws:s3:::processed s3.eu-west-2.amazonaws.com",
      "load kms:Decrypt arn:aws:s3:::processed s3.eu-west-2.amazonaws.com",
      "load kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
      "verify kms:Decrypt+kms:GenerateDataKey arn:aws:s3:::ingestion s3.eu-west-2.amazonaws.com",
      "verify kms:Decrypt arn:aws:s3:::processed s3.eu-west-2.amazonaws.com",
      "verify kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
      "verify kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
      "verify kms:Decrypt+kms:GenerateDataKey sns.eu-west-2.amazonaws.com",
      "replay kms:Decrypt arn:aws:s3:::ingestion s3.eu-west-2.amazonaws.com",
      "replay kms:Decrypt+kms:GenerateDataKey arn:aws:s3:::processed s3.eu-west-2.amazonaws.com",
      "replay kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
      "report kms:Decrypt+kms:GenerateDataKey arn:aws:s3:::report s3.eu-west-2.amazonaws.com",
      "report kms:Decrypt arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf secretsmanager.eu-west-2.amazonaws.com",
    ])
    error_message = "The key must serve each stage for its own buckets and secret alone."
  }

  assert {
    condition = alltrue([
      for statement in flatten([
        for policy in concat(
          [module.ingest.policy, module.transform.policy, module.load.policy, module.verify.policy, module.replay.policy, module.report.policy, aws_iam_role_policy.schedule.policy],
          aws_iam_role_policy.pipeline[*].policy,
        ) : jsondecode(policy).Statement
      ]) : !contains(statement.Resource, "*") && !strcontains(join(" ", statement.Action), "*")
    ])
    error_message = "No policy may name all resources or all actions of a service."
  }

  assert {
    condition = !strcontains(lower(join(" ", concat(
      [module.ingest.policy, module.transform.policy, module.load.policy, module.verify.policy, module.replay.policy, module.report.policy, aws_iam_role_policy.schedule.policy],
      aws_iam_role_policy.pipeline[*].policy,
    ))), ":delete")
    error_message = "No role may delete anything."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.pipeline[0].policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow lambda:InvokeFunction arn:aws:lambda:eu-west-2:123456789012:function:totes-ingest",
      "Allow lambda:InvokeFunction arn:aws:lambda:eu-west-2:123456789012:function:totes-transform",
      "Allow lambda:InvokeFunction arn:aws:lambda:eu-west-2:123456789012:function:totes-load",
      "Allow lambda:InvokeFunction arn:aws:lambda:eu-west-2:123456789012:function:totes-report",
      "Allow states:StartExecution arn:aws:states:eu-west-2:123456789012:stateMachine:totes",
      "Allow states:DescribeExecution arn:aws:states:eu-west-2:123456789012:execution:totes/slices:*",
      "Allow states:DescribeExecution arn:aws:states:eu-west-2:123456789012:execution:totes/transform:*",
      "Allow states:StopExecution arn:aws:states:eu-west-2:123456789012:execution:totes/slices:*",
      "Allow states:StopExecution arn:aws:states:eu-west-2:123456789012:execution:totes/transform:*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/slices/*/slices.json",
      "Allow s3:GetObject arn:aws:s3:::processed/slices/*/slices.json",
      "Allow sns:Publish arn:aws:sns:eu-west-2:123456789012:totes-alerts",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
    ])
    error_message = "The state machine must call the stages and the report, fan out over slices, and alert, no more."
  }

  # Each role serves one service, and where AWS says on whose behalf, this pipeline alone.
  assert {
    condition = jsondecode(aws_iam_role.pipeline[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnLike      = { "aws:SourceArn" = ["arn:aws:states:eu-west-2:123456789012:stateMachine:totes", "arn:aws:states:eu-west-2:123456789012:stateMachine:totes/slices*", "arn:aws:states:eu-west-2:123456789012:stateMachine:totes/transform*"] }
      }
    }]
    error_message = "Only this state machine may take its role."
  }

  assert {
    condition = jsondecode(aws_iam_role.schedule.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:scheduler:eu-west-2:123456789012:schedule-group/totes" }
      }
    }]
    error_message = "Only these schedules may take their role."
  }
}

run "boundary" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/totes-boundary"
  }

  assert {
    condition     = aws_iam_role.schedule.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.pipeline[0].permissions_boundary == var.permissions_boundary_arn
    error_message = "The boundary must hold for every role."
  }
}
