# Failures tell of themselves (alerts.tf). Alarms catch what cannot: an execution that was cut off, a stage that fails
# again and again, and nothing happening at all.

locals {
  # The warehouse is never to be further behind than this.
  promise_seconds = 30 * 60

  execution_alarms = var.trigger != "state_machine" ? {} : {
    failed    = { metric = "ExecutionsFailed", because = "A run failed; the alert before this one says why." }
    timed-out = { metric = "ExecutionsTimedOut", because = "A run reached its time limit, and could send no alert itself." }
    aborted   = { metric = "ExecutionsAborted", because = "A run was stopped by a person or by AWS." }
  }
}

resource "aws_cloudwatch_metric_alarm" "execution" {
  for_each = local.execution_alarms

  alarm_name          = "${var.name}-run-${each.key}"
  alarm_description   = each.value.because
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
  alarm_description   = "No run has succeeded for 30 minutes, so the warehouse may be further behind than promised."
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
  alarm_description   = "${title(each.key)} has not succeeded for 30 minutes, so the warehouse may be further behind than promised."
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

# One error is tried again, or told by the alert. Two five-minute spells of three with errors are trouble that retries hide.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.stages

  alarm_name          = "${var.name}-${each.key}-errors"
  alarm_description   = "${title(each.key)} keeps failing, even where a retry succeeds. Its log says why."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  for_each = local.stages

  alarm_name          = "${var.name}-${each.key}-throttled"
  alarm_description   = "${title(each.key)} is called more often than it may run at once: raise reserved_concurrency or the account's quota."
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = each.value.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}
