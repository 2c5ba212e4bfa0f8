# What whoever is on duty sees.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "state_machine" {
  command = plan

  assert {
    condition     = output.dashboard_url == "https://eu-west-2.console.aws.amazon.com/cloudwatch/home?region=eu-west-2#dashboards/dashboard/totes"
    error_message = "The dashboard must be found."
  }

  assert {
    condition = sort(one([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.alarms if widget.type == "alarm"
      ])) == sort([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered],
        values(aws_cloudwatch_metric_alarm.stale_clock),
        values(aws_cloudwatch_metric_alarm.count),
        values(aws_cloudwatch_metric_alarm.execution),
        aws_cloudwatch_metric_alarm.stale_pipeline,
        values(aws_cloudwatch_metric_alarm.function),
      ) : "arn:aws:cloudwatch:eu-west-2:123456789012:alarm:${alarm.alarm_name}"
    ])
    error_message = "The dashboard must show every alarm."
  }

  # What CloudWatch would refuse: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
      contains(["metric", "alarm", "text"], widget.type) && widget.width >= 1 && widget.width <= 24 && widget.height >= 1 && widget.height <= 1000
      && (widget.type != "metric" ? true : (
        widget.properties.region == "eu-west-2" && contains(["timeSeries", "singleValue"], widget.properties.view)
        && contains([60, 300, 3600, 86400], widget.properties.period) && length(widget.properties.metrics) > 0
        && alltrue([for metric in widget.properties.metrics : can(metric[0].expression) ? can(regex("^[a-z][a-z_]*$", metric[0].id)) : length(metric) == 5 && can(metric[4].label) || can(metric[4].id)])
      ))
    ])
    error_message = "Every widget must be one that CloudWatch takes."
  }

  assert {
    condition = alltrue([
      for row in [{ from = 0, to = 1 }, { from = 1, to = 3 }, { from = 3, to = 5 }, { from = 5, to = 8 }, { from = 8, to = 11 }, { from = 11, to = 13 }, { from = 13, to = 16 }] :
      sum(slice(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets, row.from, row.to)[*].width) == 24
    ]) && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 16
    error_message = "Rows must fill the page's 24 columns, or CloudWatch would place the widgets otherwise."
  }

  assert {
    condition = alltrue([
      for metric in ["RowsRead", "RowsWritten", "RowsLoaded", "LagSeconds", "BytesWritten", "Seconds", "MemoryUsed", "Warnings", "RowsWaiting", "RowsDiffering", "SchemaChanges"] :
      strcontains(replace(aws_cloudwatch_dashboard.this.dashboard_body, "\\\"", "\""), "\"${metric}\"")
    ])
    error_message = "The dashboard must show all that the functions tell."
  }

  assert {
    condition = one([
      for metric in flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for each in widget.properties.metrics : [each[0]] if can(each[0].expression)] if widget.type == "metric"]) :
      metric if metric.id == "lagseconds"
      ]) == {
      id         = "lagseconds"
      expression = "SEARCH('{Totes,service,table} MetricName=\"LagSeconds\" service=\"totes-load\"', 'Maximum')"
      label      = "$${PROP('Dim.table')}"
    }
    error_message = "How late each table is must be searched for, because tables are found and not declared."
  }

  # 1,024 MB of ingest, load and report, 1,769 MB of replay and transform, and 512 MB of verify cost 0.0000133334 dollars for
  # each GB and second.
  assert {
    condition = one([
      for metric in flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for each in widget.properties.metrics : [each[0]] if can(each[0].expression)] if widget.type == "metric"]) :
      metric.expression if metric.id == "day"
      ]) == join(" + ", [
      "((FILL(ingest_ms, 0) * 0.000000013333400 + FILL(ingest_calls, 0) * 0.000000200000000)",
      "(FILL(load_ms, 0) * 0.000000013333400 + FILL(load_calls, 0) * 0.000000200000000)",
      "(FILL(replay_ms, 0) * 0.000000023033969 + FILL(replay_calls, 0) * 0.000000200000000)",
      "(FILL(report_ms, 0) * 0.000000013333400 + FILL(report_calls, 0) * 0.000000200000000)",
      "((FILL(ingest_calls, 0) + FILL(transform_calls, 0) + FILL(load_calls, 0) + FILL(report_calls, 0) + 5 * FILL(runs, 0)) * 0.000025000000000)",
      "(FILL(transform_ms, 0) * 0.000000023033969 + FILL(transform_calls, 0) * 0.000000200000000)",
      "(FILL(verify_ms, 0) * 0.000000006666700 + FILL(verify_calls, 0) * 0.000000200000000))",
    ])
    error_message = "The cost must be that of memory and time, calls and transitions."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
  assert {
    condition = alltrue([
      for metric in flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for each in widget.properties.metrics : [each[0]] if can(each[0].expression)] if widget.type == "metric"]) :
      length(metric.expression) <= 2048
    ])
    error_message = "CloudWatch takes expressions of 2,048 characters."
  }

  assert {
    condition = anytrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
      strcontains(widget.properties.markdown, "An estimate, not the bill**: list prices without free tier.") if widget.type == "text"
    ])
    error_message = "The dashboard must say that its costs are an estimate."
  }
}

run "s3_events" {
  command = plan

  variables {
    trigger        = "s3_events"
    prices         = { request = 0 }
    exchange_rates = { enabled = true }
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "AWS/States") && !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "* FILL(runs")
    error_message = "Without a state machine it must have no part in the dashboard."
  }

  assert {
    condition     = length(one([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.alarms if widget.type == "alarm"])) == 46
    error_message = "The dashboard must show every alarm."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "day / ingest_calls")
    error_message = "What a run costs must be told with either trigger."
  }
}
