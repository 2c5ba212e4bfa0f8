# What becomes of rows: that the warehouse can be compared, that it has what the source has, and that none waits aside.

locals {
  # The functions count rows in their logs, in CloudWatch's embedded metric format, which makes metrics of them:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
  row_alarms = {
    differing = {
      metric  = "RowsDiffering"
      service = module.verify.function_name
      because = "The warehouse differed from the source. It heals by itself with the next run, because verify has asked for these rows. Run `totes verify` then: if rows still differ, or differ again, something else than the pipeline writes to the warehouse, or the pipeline has a fault. Ends with the next comparison that finds none."
    }
    waiting = {
      metric  = "RowsWaiting"
      service = module.transform.function_name
      because = "The warehouse lacks rows, because they break a rule and were set aside. Run `totes quarantine list` to see them and why, and mend them in the source: the next run brings them. Ends when none is left."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "rows" {
  for_each = local.row_alarms

  alarm_name          = "${var.name}-rows-${each.key}"
  alarm_description   = each.value.because
  namespace           = "Totes"
  metric_name         = each.value.metric
  dimensions          = { service = each.value.service }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  # What was counted last holds until rows are counted again, be it a day later.
  treat_missing_data = "ignore"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
}

# Lambda drops a call that has failed for good; one that a repetition saved is no news.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
resource "aws_cloudwatch_metric_alarm" "verify_failed" {
  alarm_name          = "${var.name}-verify-failed"
  alarm_description   = "Source and warehouse could not be compared, so whether they are equal is not known; the pipeline itself runs on. The log of ${var.name}-verify says why. Mend that, then run `totes verify`, or wait for the next comparison."
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
