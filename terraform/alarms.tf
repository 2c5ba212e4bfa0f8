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

  alarm_name        = "${var.name}-run-${each.key}"
  alarm_description = "${each.value.because} ${local.runbook}run-${each.key}"
  namespace         = "AWS/States"
  metric_name       = each.value.metric
  dimensions        = { StateMachineArn = aws_sfn_state_machine.pipeline[0].arn }
  statistic         = "Sum"
  # Two rates: where one run after another fails, the alarm holds, and does not tell of each that it is over.
  period              = max(300, 2 * 60 * var.rate_minutes)
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
  for_each = var.trigger == "s3_events" ? local.called : {}

  alarm_name          = "${var.name}-${each.key}-stale"
  alarm_description   = "${title(each.key)} has not succeeded for 30 minutes, so the ${each.key == "report" ? "business report may show an earlier state" : "warehouse may be further behind than promised"}. Look first whether its calls fail or are not made: `totes logs --stack terraform --stage ${each.key} --since 1h`. ${local.runbook}stale"
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

locals {
  # What has a clock of its own, by the hours between two calls.
  clocks = merge(
    { for hours in [var.verify_hours] : "verify" => { function = module.verify.function_name, hours = hours } if hours > 0 },
    { for rates in module.rates : "rates" => { function = rates.function_name, hours = var.exchange_rates.hours } },
  )

  # Twice the interval: one call may fail, and its alert tells of that. CloudWatch looks back a week at most, so a week is what
  # those get that are called more rarely than every three and a half days, and one a week has no alarm: it would speak whenever
  # a call is a minute late. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  watched_clocks = {
    for key, clock in local.clocks : key => merge(clock, { patience = min(2 * clock.hours, 168) }) if clock.hours < 168
  }

  missed = {
    verify = "Source and warehouse have not been compared, so whether they are equal is not known"
    rates  = "Exchange rates have not been asked for, so the newest ones may be missing from the business report"
  }
}

resource "aws_cloudwatch_metric_alarm" "stale_clock" {
  for_each = local.watched_clocks

  alarm_name          = "${var.name}-${each.key}-stale"
  alarm_description   = "${local.missed[each.key]}: ${each.key} has not finished for ${each.value.patience} hours, though it should every ${each.value.hours}. The pipeline itself runs on. Look first whether it fails or is not called: `totes logs --stack terraform --stage ${each.key} --since ${each.value.patience}h`. ${local.runbook}${each.key}-stale"
  evaluation_periods  = each.value.patience
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  metric_query {
    id          = "calls"
    label       = "Calls that finished"
    expression  = "FILL(finished, 0)"
    return_data = true
  }

  # A function tells its seconds when it has finished, and not when it has failed.
  metric_query {
    id = "finished"

    metric {
      namespace   = "Totes"
      metric_name = "Seconds"
      dimensions  = { service = each.value.function }
      stat        = "SampleCount"
      period      = 3600
    }
  }
}

moved {
  from = aws_cloudwatch_metric_alarm.stale_verify[0]
  to   = aws_cloudwatch_metric_alarm.stale_clock["verify"]
}

# The topic cannot tell of itself by itself alone: other addresses may still be reached, and `totes status` and the dashboard
# show the alarm. https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${var.name}-alerts-undelivered"
  alarm_description   = "A mail of an alert could not be delivered to one of the addresses, so somebody is not told. See which, and what else fires: `totes status --stack terraform`. ${local.runbook}alerts-undelivered"
  namespace           = "AWS/SNS"
  metric_name         = "NumberOfNotificationsFailed"
  dimensions          = { TopicName = aws_sns_topic.alerts.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}
