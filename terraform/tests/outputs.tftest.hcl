# What scripts, the command line and people read. The rights of an operator are complete: one more or less fails.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "state_machine" {
  command = plan

  variables {
    source_schema    = "shop"
    warehouse_schema = "star"
  }

  assert {
    condition     = output.name == "totes" && output.region == "eu-west-2" && output.source_schema == "shop" && output.warehouse_schema == "star"
    error_message = "The name, the region and the schemas must be told."
  }

  assert {
    condition     = output.ingestion_bucket == "ingestion" && output.processed_bucket == "processed" && output.code_bucket == "code" && output.report_bucket == "report" && output.lake == "s3://ingestion,s3://processed"
    error_message = "The buckets must be told."
  }

  assert {
    condition     = output.state_machine_arn == aws_sfn_state_machine.pipeline[0].arn && output.topic_arn == aws_sns_topic.alerts.arn && output.key_arn == aws_kms_key.this.arn
    error_message = "The state machine, the topic and the key must be told."
  }

  assert {
    condition     = output.function_names == { ingest = "totes-ingest", transform = "totes-transform", load = "totes-load", verify = "totes-verify", replay = "totes-replay", report = "totes-report" } && keys(output.role_arns) == keys(output.function_names)
    error_message = "The functions and their roles must be told."
  }

  assert {
    condition     = output.log_groups == { ingest = "/aws/lambda/totes-ingest", transform = "/aws/lambda/totes-transform", load = "/aws/lambda/totes-load", verify = "/aws/lambda/totes-verify", replay = "/aws/lambda/totes-replay", report = "/aws/lambda/totes-report" }
    error_message = "The log groups must be told."
  }

  assert {
    condition     = length(output.alarm_names) > 20 && contains(output.alarm_names, "totes-stale") && contains(output.alarm_names, "totes-load-errors") && contains(output.alarm_names, "totes-rows-waiting")
    error_message = "The alarms must be told, by their whole names."
  }

  assert {
    condition     = output.secret_arns == { source = aws_secretsmanager_secret.source[0].arn, warehouse = aws_secretsmanager_secret.warehouse[0].arn }
    error_message = "The secrets must be told, by ARN."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.operator_policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset(concat([
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::ingestion/log/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow s3:GetObject arn:aws:s3:::processed/state/quarantine/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/requests/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/requests/*",
      "Allow s3:ListBucket arn:aws:s3:::report",
      "Allow s3:GetObject arn:aws:s3:::report/index.html",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow cloudwatch:DescribeAlarms *",
      "Allow states:StartExecution ${aws_sfn_state_machine.pipeline[0].arn}",
      "Allow states:ListExecutions ${aws_sfn_state_machine.pipeline[0].arn}",
      "Allow states:DescribeExecution arn:aws:states:eu-west-2:123456789012:execution:totes:*",
      "Allow states:GetExecutionHistory arn:aws:states:eu-west-2:123456789012:execution:totes:*",
      "Allow states:ListMapRuns arn:aws:states:eu-west-2:123456789012:execution:totes:*",
      "Allow states:DescribeMapRun arn:aws:states:eu-west-2:123456789012:mapRun:totes/slices:*",
      "Allow states:DescribeMapRun arn:aws:states:eu-west-2:123456789012:mapRun:totes/transform:*",
      ], [
      for module in values(local.functions) : "Allow lambda:InvokeFunction ${module.function_arn}"
      ], [
      for group in values(output.log_groups) : "Allow logs:FilterLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:${group}:*"
    ]))
    error_message = "An operator must read versions, what is set aside, logs, alarms, runs and the report, start runs, call functions and write requests, no more."
  }

  assert {
    condition = jsonencode({ for statement in jsondecode(output.operator_policy).Statement : statement.Sid => statement.Condition if can(statement.Condition) }) == jsonencode({
      FindVersionsAndRequests  = { StringLike = { "s3:prefix" = ["log/*", "requests/"] } }
      EncryptAndDecryptTheLake = { StringEquals = { "kms:ViaService" = "s3.eu-west-2.amazonaws.com" } }
    })
    error_message = "An operator must list versions and requests alone, and use the key through S3 alone."
  }
}

run "s3_events" {
  command = plan

  variables {
    trigger = "s3_events"
  }

  assert {
    condition     = output.state_machine_arn == null
    error_message = "There is no state machine to tell of."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(output.operator_policy).Statement : !strcontains(join(" ", statement.Action), "states:")])
    error_message = "Without a state machine there is no right to one."
  }
}
