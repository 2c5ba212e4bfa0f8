# What scripts, the command line and people read.

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
    condition     = output.secret_arns == { source = aws_secretsmanager_secret.source[0].arn, warehouse = aws_secretsmanager_secret.warehouse[0].arn }
    error_message = "The secrets must be told, by ARN."
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
}
