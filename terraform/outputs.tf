output "name" {
  description = "What the name of everything here starts with."
  value       = var.name
}

output "region" {
  description = "The AWS region."
  value       = var.region
}

output "source_schema" {
  description = "The schema of the source that is read."
  value       = var.source_schema
}

output "warehouse_schema" {
  description = "The schema of the warehouse's star tables."
  value       = var.warehouse_schema
}

output "dashboard_url" {
  description = "The dashboard in CloudWatch: is it healthy, how late is it, what does it cost."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "ingestion_bucket" {
  description = "The bucket of the raw log: what was read from the source."
  value       = aws_s3_bucket.this["ingestion"].id
}

output "processed_bucket" {
  description = "The bucket of the processed log: the star rows, as Parquet."
  value       = aws_s3_bucket.this["processed"].id
}

output "lake" {
  description = "Both buckets, as `--lake` of the command line takes them."
  value       = "s3://${aws_s3_bucket.this["ingestion"].id},s3://${aws_s3_bucket.this["processed"].id}"
}

output "code_bucket" {
  description = "The bucket of the functions' code."
  value       = aws_s3_bucket.this["code"].id
}

output "report_bucket" {
  description = "The bucket of the business report, whose page is index.html; `totes dashboard --stack` gives a link to it."
  value       = aws_s3_bucket.this["report"].id
}

output "report_cloudfront" {
  description = "The page's address on the CloudFront distribution, and the id of the key that has to sign links to it; null where there is none."
  value = one([
    for distribution in aws_cloudfront_distribution.report : {
      url         = "https://${distribution.domain_name}/index.html"
      key_pair_id = aws_cloudfront_public_key.report[0].id
    }
  ])
}

output "state_machine_arn" {
  description = "The ARN of the state machine; null where trigger is s3_events."
  value       = one(aws_sfn_state_machine.pipeline[*].arn)
}

output "function_names" {
  description = "The name of each Lambda function, by what it does."
  value       = { for name, module in local.functions : name => module.function_name }
}

output "role_arns" {
  description = "The ARN of each function's role."
  value       = { for name, module in local.functions : name => module.role_arn }
}

output "log_groups" {
  description = "The name of each function's log group."
  value       = { for name, module in local.functions : name => module.log_group }
}

output "alarm_names" {
  description = "The name of each alarm."
  value       = local.alarm_names
}

output "secret_arns" {
  description = "The ARN of the secret of each database."
  value       = { for database, secret in local.secrets : database => secret.arn }
}

output "operator_policy" {
  description = "What somebody needs who operates the pipeline by `totes … --stack`, as the JSON of an IAM policy; without any password."
  value       = local.operator_policy
}

output "lake_database" {
  description = "The database of AWS Glue that has the views of the lake; null where lake_catalog makes none."
  value       = one([for key, database in aws_glue_catalog_database.lake : database.name if key == "views"])
}

output "lake_workgroup" {
  description = "The workgroup of Athena that lake_catalog makes; null for none."
  value       = one(aws_athena_workgroup.lake[*].name)
}

output "analyst_policy" {
  description = "What somebody needs who queries the lake, as the JSON of an IAM policy; null where lake_catalog makes no tables."
  value       = local.analyst_policy
}

output "topic_arn" {
  description = "The ARN of the topic that failures are published to."
  value       = aws_sns_topic.alerts.arn
}

output "key_arn" {
  description = "The ARN of the key that encrypts the buckets, secrets and alerts, and the warehouse made here."
  value       = aws_kms_key.this.arn
}

output "warehouse_address" {
  description = "The host name of the warehouse that warehouse_rds or warehouse_redshift makes; null for any other."
  value       = one(concat(aws_db_instance.warehouse[*].address, [for workgroup in aws_redshiftserverless_workgroup.warehouse : workgroup.endpoint[0].address]))
}
