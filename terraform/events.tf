# What `trigger = "s3_events"` adds: a commit that lands in a log starts the stage that follows the log. And what becomes of
# a call that nobody waits for, by S3 or by a schedule: Lambda repeats it, and sends what failed for good in the function's name.

locals {
  followers = var.trigger != "s3_events" ? {} : {
    ingestion = module.transform
    processed = module.load
  }

  # What lets Lambda tell of a stage; the state machine tells of its runs itself, and nothing but a schedule calls verify or rates.
  failure_statements = [for statement in local.alert_statements : statement if var.trigger == "s3_events"]

  # The functions that nobody waits for, and how old a call may get. A call of a stage that is older than the rate has been made
  # again, but any rate leaves time for two repetitions; one of verify or rates may be the only one for days.
  unattended = merge(
    { for name, module in local.called : name => { function = module.function_name, seconds = max(var.rate_minutes * 60, 300) } if var.trigger == "s3_events" },
    { verify = { function = module.verify.function_name, seconds = 3600 } },
    { for rates in module.rates : "rates" => { function = rates.function_name, seconds = 3600 } },
  )

  # A load writes no object that could tell of it, so Lambda itself calls the report after each, with the rights of load.
  calls_after = var.trigger != "s3_events" ? {} : { load = module.report.function_arn }

  after_load_statements = [
    for function in values(local.calls_after) : {
      Sid      = "CallTheReport"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [function]
    }
  ]
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
  for_each = local.unattended

  function_name = each.value.function
  # Lambda repeats after one and then two minutes, whatever the error.
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = each.value.seconds

  # What is sent is Lambda's own record, whose text is not ours: it can link to nothing. docs/runbook.md says how to read it.
  destination_config {
    on_failure {
      destination = aws_sns_topic.alerts.arn
    }

    dynamic "on_success" {
      for_each = [for function, next in local.calls_after : next if function == each.key]

      content {
        destination = on_success.value
      }
    }
  }
}
