# What each function has alarms for, verify among them: five alike, which differ in what they measure and say.
#
# Lambda counts a call, its error and its duration in the minute in which the call began, and tells of them when it has ended,
# up to 15 minutes later. An alarm that looks at less has newer calls before it by then, and never sees a long one.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html

locals {
  # Without data there was no call, or none that had anything to tell: no reason for an alarm, and "stale" tells of silence.
  function_alarms = merge([
    for key, module in local.functions : {
      # One error is tried again, or told by the alert. Two five-minute spells of six with errors are trouble that retries hide.
      "${key}-errors" = {
        namespace  = "AWS/Lambda"
        metric     = "Errors"
        dimensions = { FunctionName = module.function_name }
        statistic  = "Sum"
        period     = 300
        spells     = 6
        of_them    = 2
        threshold  = 0
        runbook    = "errors"
        because    = "${title(key)} keeps failing, even where a retry succeeds. Its log says why: `totes logs --stack terraform --stage ${key} --since 1h`."
      }

      "${key}-throttled" = {
        namespace  = "AWS/Lambda"
        metric     = "Throttles"
        dimensions = { FunctionName = module.function_name }
        statistic  = "Sum"
        period     = 300
        spells     = 3
        of_them    = 2
        threshold  = 0
        runbook    = "throttled"
        because    = "${title(key)} is called more often than it may run at once. Calls wait, and none is lost for good. Raise reserved_concurrency or the account's quota."
      }

      "${key}-warnings" = {
        namespace  = "Totes"
        metric     = "Warnings"
        dimensions = { service = module.function_name }
        statistic  = "Sum"
        period     = 3600
        spells     = 1
        of_them    = 1
        threshold  = var.warnings_per_hour
        runbook    = "warnings"
        because    = "${title(key)} has warned more than ${var.warnings_per_hour} times within an hour. Nothing is lost or stuck, but a person should look: `totes logs --stack terraform --stage ${key} --since 1h`."
      }

      # A call that reaches the limit is cut off, its Duration being the limit.
      "${key}-slow" = {
        namespace  = "AWS/Lambda"
        metric     = "Duration"
        dimensions = { FunctionName = module.function_name }
        statistic  = "Maximum"
        period     = 300
        spells     = 5
        of_them    = 1
        threshold  = module.timeout_seconds * 1000 * 0.8
        runbook    = "slow"
        because    = "A call of ${key} took more than 80 % of the ${module.timeout_seconds} seconds that it may; at the limit it is cut off. After the first run, or a full read, this is expected once. Otherwise see what it was doing: `totes logs --stack terraform --stage ${key} --since 1h`."
      }

      "${key}-memory" = {
        namespace  = "Totes"
        metric     = "MemoryUsed"
        dimensions = { service = module.function_name }
        statistic  = "Maximum"
        period     = 300
        spells     = 1
        of_them    = 1
        threshold  = 85
        runbook    = "memory"
        because    = "${title(key)} has used more than 85 % of its ${var.memory_mb[key]} MB; at the limit Lambda ends it. Nothing is lost. Raise memory_mb.${key} and deploy."
      }
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.because} ${local.runbook}${each.value.runbook}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.spells
  datapoints_to_alarm = each.value.of_them
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

# An alarm that were made anew under its name would be removed with the old one.
moved {
  from = aws_cloudwatch_metric_alarm.errors["ingest"]
  to   = aws_cloudwatch_metric_alarm.function["ingest-errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.errors["transform"]
  to   = aws_cloudwatch_metric_alarm.function["transform-errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.errors["load"]
  to   = aws_cloudwatch_metric_alarm.function["load-errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.throttles["ingest"]
  to   = aws_cloudwatch_metric_alarm.function["ingest-throttled"]
}

moved {
  from = aws_cloudwatch_metric_alarm.throttles["transform"]
  to   = aws_cloudwatch_metric_alarm.function["transform-throttled"]
}

moved {
  from = aws_cloudwatch_metric_alarm.throttles["load"]
  to   = aws_cloudwatch_metric_alarm.function["load-throttled"]
}
