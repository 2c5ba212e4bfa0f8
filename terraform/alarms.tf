# Failures tell of themselves (alerts.tf). Alarms catch what cannot: an execution that was cut off, and nothing happening at
# all. What a single function does is in alarms_functions.tf, what becomes of rows in alarms_rows.tf.
#
# Each alarm's text says what it means and what to do first, and ends with a link to its section of docs/runbook.md: the
# alarm's name without the pipeline's and the function's. CloudWatch takes 1,024 characters.

locals {
  # The warehouse is never to be further behind than this.
  promise_seconds = 30 * 60

  runbook = "Runbook: ${var.runbook_url}#"

  execution_alarms = var.trigger != "state_machine" ? {} : {
    failed = {
      metric  = "ExecutionsFailed"
      because = "A run failed: what changed since the last one is not in the warehouse. The next run does its work, unless it fails too. The mail before this one names the stage and the error, and what to do about it."
    }
    timed-out = {
      metric  = "ExecutionsTimedOut"
      because = "A run reached its limit of two hours and was cut off, so it could send no mail itself. The next run goes on where it was. See what it was doing: `totes status --stack terraform`."
    }
    aborted = {
      metric  = "ExecutionsAborted"
      because = "A run was stopped, by a person or by AWS. Nothing is lost: the next run goes on where it was. Ask who stopped it, and why: the execution's page in Step Functions tells."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "execution" {
  for_each = local.execution_alarms

  alarm_name          = "${var.name}-run-${each.key}"
  alarm_description   = "${each.value.because} ${local.runbook}run-${each.key}"
  namespace           = "AWS/States"
  metric_name         = each.value.metric
  dimensions          = { StateMachineArn = aws_sfn_state_machine.pipeline[0].arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

# A schedule that was switched off, a right that was taken away, an account without money: no data is the alarm. Missing
# data alone would raise it late, because CloudWatch then goes on looking at the last data it has; filled with zeros, each
# half hour speaks for itself. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
resource "aws_cloudwatch_metric_alarm" "stale_pipeline" {
  count = var.trigger == "state_machine" ? 1 : 0

  alarm_name          = "${var.name}-stale"
  alarm_description   = "No run has succeeded for 30 minutes, so the warehouse may be further behind than promised. Look first whether runs fail, last or do not start: `totes status --stack terraform`. ${local.runbook}stale"
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  metric_query {
    id          = "successes"
    label       = "Successes"
    expression  = "FILL(succeeded, 0)"
    return_data = true
  }

  metric_query {
    id = "succeeded"

    metric {
      namespace   = "AWS/States"
      metric_name = "ExecutionsSucceeded"
      dimensions  = { StateMachineArn = aws_sfn_state_machine.pipeline[0].arn }
      stat        = "Sum"
      period      = local.promise_seconds
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "stale_stage" {
  for_each = var.trigger == "s3_events" ? local.stages : {}

  alarm_name          = "${var.name}-${each.key}-stale"
  alarm_description   = "${title(each.key)} has not succeeded for 30 minutes, so the warehouse may be further behind than promised. Look first whether its calls fail or are not made: `totes logs --stack terraform --stage ${each.key} --since 1h`. ${local.runbook}stale"
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  metric_query {
    id          = "successes"
    label       = "Successes"
    expression  = "FILL(invocations, 0) - FILL(errors, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { invocations = "Invocations", errors = "Errors" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/Lambda"
        metric_name = metric_query.value
        dimensions  = { FunctionName = each.value.function_name }
        stat        = "Sum"
        period      = local.promise_seconds
      }
    }
  }
}

# Twice the interval: one comparison may fail, and verify-failed tells of that. CloudWatch looks back a week at most, so a week
# is what rarer comparisons than every three and a half days get, and one a week has no alarm: it would speak whenever a
# comparison is a minute late. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
resource "aws_cloudwatch_metric_alarm" "stale_verify" {
  count = var.verify_hours > 0 && var.verify_hours < 168 ? 1 : 0

  alarm_name          = "${var.name}-verify-stale"
  alarm_description   = "Source and warehouse have not been compared for ${min(2 * var.verify_hours, 168)} hours, though they should be every ${var.verify_hours}, so whether they are equal is not known; the pipeline itself runs on. Look first whether verify fails or is not called: `totes logs --stack terraform --stage verify --since ${min(2 * var.verify_hours, 168)}h`. ${local.runbook}verify-stale"
  evaluation_periods  = min(2 * var.verify_hours, 168)
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  metric_query {
    id          = "comparisons"
    label       = "Comparisons"
    expression  = "FILL(finished, 0)"
    return_data = true
  }

  # Verify tells its seconds when it has finished, and not when it has failed.
  metric_query {
    id = "finished"

    metric {
      namespace   = "Totes"
      metric_name = "Seconds"
      dimensions  = { service = module.verify.function_name }
      stat        = "SampleCount"
      period      = 3600
    }
  }
}
