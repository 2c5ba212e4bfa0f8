# What AWS would answer. Names of their own, so that a test can tell one bucket, function or secret from another.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_region" {
  defaults = { name = "eu-west-2" }
}

mock_data "aws_subnet" {
  defaults = { vpc_id = "vpc-1" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-2:123456789012:key/data", key_id = "data" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-2:123456789012:totes-alerts" }
}

mock_resource "aws_sfn_state_machine" {
  defaults = { arn = "arn:aws:states:eu-west-2:123456789012:stateMachine:totes" }
}

mock_resource "aws_scheduler_schedule_group" {
  defaults = { arn = "arn:aws:scheduler:eu-west-2:123456789012:schedule-group/totes" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:mocked" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-warehouse" }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/REPORT", domain_name = "report.cloudfront.net" }
}

mock_resource "aws_cloudfront_origin_access_control" {
  defaults = { id = "access" }
}

mock_resource "aws_cloudfront_key_group" {
  defaults = { id = "group" }
}

mock_resource "aws_cloudfront_public_key" {
  defaults = { id = "key" }
}

mock_resource "aws_redshiftserverless_workgroup" {
  defaults = { endpoint = [{ address = "totes-warehouse.123456789012.eu-west-2.redshift-serverless.amazonaws.com", port = 5439, vpc_endpoint = [] }] }
}

mock_resource "aws_db_instance" {
  defaults = { address = "totes-warehouse.example.eu-west-2.rds.amazonaws.com", port = 5432 }
}

mock_resource "aws_athena_workgroup" {
  defaults = { arn = "arn:aws:athena:eu-west-2:123456789012:workgroup/totes-lake" }
}

override_resource {
  target = aws_s3_bucket.this["ingestion"]
  values = { id = "ingestion", arn = "arn:aws:s3:::ingestion" }
}

override_resource {
  target = aws_s3_bucket.this["processed"]
  values = { id = "processed", arn = "arn:aws:s3:::processed" }
}

override_resource {
  target = aws_s3_bucket.this["code"]
  values = { id = "code", arn = "arn:aws:s3:::code" }
}

override_resource {
  target = aws_s3_bucket.this["report"]
  values = { id = "report", arn = "arn:aws:s3:::report", bucket_regional_domain_name = "report.s3.eu-west-2.amazonaws.com" }
}

override_resource {
  target = aws_s3_bucket.this["queries"]
  values = { id = "queries", arn = "arn:aws:s3:::queries" }
}

override_resource {
  target = aws_secretsmanager_secret.source
  values = { id = "source", arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-AbCdEf" }
}

override_resource {
  target = aws_secretsmanager_secret.warehouse
  values = { id = "warehouse", arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-AbCdEf" }
}

override_resource {
  target = module.ingest.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-ingest" }
}

override_resource {
  target = module.transform.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-transform" }
}

override_resource {
  target = module.load.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-load" }
}

override_resource {
  target = module.verify.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-verify" }
}

override_resource {
  target = module.replay.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-replay" }
}

override_resource {
  target = module.report.aws_lambda_function.this
  values = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-report" }
}

override_resource {
  target = module.ingest.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-ingest" }
}

override_resource {
  target = module.transform.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-transform" }
}

override_resource {
  target = module.load.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-load" }
}

override_resource {
  target = module.verify.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-verify" }
}

override_resource {
  target = module.replay.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-replay" }
}

override_resource {
  target = module.report.aws_cloudwatch_log_group.this
  values = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-report" }
}
