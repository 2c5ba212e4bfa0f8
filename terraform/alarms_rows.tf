# What becomes of rows: that the source is what it was, that the warehouse can be compared, that it has what the source has,
# and that no row waits aside.

locals {
  # The functions count in their logs, in CloudWatch's embedded metric format, which makes metrics of the lines:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
  count_alarms = {
    rows-differing = {
      metric  = "RowsDiffering"
      service = module.verify.function_name
      because = "The warehouse differed from the source. It heals by itself with the next run, because verify has asked for these rows. Run `totes verify --stack terraform` then: if rows still differ, or differ again, something else than the pipeline writes to the warehouse, or the pipeline has a fault. Ends with the next comparison that finds none."
    }
    rows-waiting = {
      metric  = "RowsWaiting"
      service = module.transform.function_name
      because = "The warehouse lacks rows, because they break a rule and were set aside. Run `totes quarantine list --stack terraform` to see them and why, and mend them in the source: the next run brings them. Ends when none is left."
    }
    schema-changed = {
      metric  = "SchemaChanges"
      service = module.ingest.function_name
      because = "Tables or columns of the source came, went or changed. What the star needs is still there, and all else is archived as it is, so the pipeline runs on. See what changed, and whether the warehouse should have it: `totes logs --stack terraform --stage ingest --since 1h`. Ends by itself with the next run."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "count" {
  for_each = local.count_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.because} ${local.runbook}${each.key}"
  namespace           = "Totes"
  metric_name         = each.value.metric
  dimensions          = { service = each.value.service }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  # What was counted last holds until it is counted again, be it a day later.
  treat_missing_data = "ignore"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
}

# Lambda drops a call that has failed for good; one that a repetition saved is no news.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
resource "aws_cloudwatch_metric_alarm" "verify_failed" {
  alarm_name          = "${var.name}-verify-failed"
  alarm_description   = "Source and warehouse could not be compared, so whether they are equal is not known; the pipeline itself runs on. The log says why: `totes logs --stack terraform --stage verify --since 1h`. Mend that, then run `totes verify --stack terraform`, or wait for the next comparison. ${local.runbook}verify-failed"
  namespace           = "AWS/Lambda"
  metric_name         = "AsyncEventsDropped"
  dimensions          = { FunctionName = module.verify.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

moved {
  from = aws_cloudwatch_metric_alarm.rows["differing"]
  to   = aws_cloudwatch_metric_alarm.count["rows-differing"]
}

moved {
  from = aws_cloudwatch_metric_alarm.rows["waiting"]
  to   = aws_cloudwatch_metric_alarm.count["rows-waiting"]
}
