# What `trigger = "s3_events"` adds: a commit that lands in a log starts the stage that follows the log.

locals {
  followers = var.trigger != "s3_events" ? {} : {
    ingestion = module.transform
    processed = module.load
  }

  # Nobody waits for a call by S3 or by the schedule, so Lambda itself sends what failed, in the function's name.
  failure_statements = [for statement in local.alert_statements : statement if var.trigger == "s3_events"]
}

resource "aws_s3_bucket_notification" "commit" {
  for_each = local.followers

  bucket = aws_s3_bucket.this[each.key].id

  lambda_function {
    lambda_function_arn = each.value.function_arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = "log/"
    filter_suffix       = ".json"
  }

  depends_on = [aws_lambda_permission.commit]
}

resource "aws_lambda_permission" "commit" {
  for_each = local.followers

  statement_id   = "CommitInThe${title(each.key)}Bucket"
  action         = "lambda:InvokeFunction"
  function_name  = each.value.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.this[each.key].arn
  source_account = local.account
}

resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = var.trigger == "s3_events" ? local.stages : {}

  function_name = each.value.function_name
  # Lambda repeats after one and then two minutes, whatever the error.
  maximum_retry_attempts = 2
  # A call that is older than the rate has been made again; but any rate leaves time for both repetitions.
  maximum_event_age_in_seconds = max(var.rate_minutes * 60, 300)

  destination_config {
    on_failure {
      destination = aws_sns_topic.alerts.arn
    }
  }
}
