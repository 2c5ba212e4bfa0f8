# One page for whoever is on duty, row by row: is it healthy, how late is it, what does it do, what waits, what does it cost.
#
# Metrics of tables are searched for and not listed: the source's tables are found, not declared, and those that no star needs
# are archived and counted too. A search finds what has had data within two weeks.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

locals {
  # By their names, which a plan knows before the alarms are made.
  alarm_names = sort([
    for alarm in concat(
      values(aws_cloudwatch_metric_alarm.execution),
      aws_cloudwatch_metric_alarm.stale_pipeline,
      values(aws_cloudwatch_metric_alarm.stale_stage),
      values(aws_cloudwatch_metric_alarm.count),
      [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered],
      values(aws_cloudwatch_metric_alarm.stale_clock),
      values(aws_cloudwatch_metric_alarm.function),
    ) : alarm.alarm_name
  ])
  alarm_arns = [for name in local.alarm_names : "arn:aws:cloudwatch:${var.region}:${local.account}:alarm:${name}"]

  # Search expressions by metric: one line for each table, with its name.
  by_table = {
    for metric, of in {
      RowsRead    = { service = module.ingest.function_name, statistic = "Sum" }
      RowsWritten = { service = module.transform.function_name, statistic = "Sum" }
      RowsLoaded  = { service = module.load.function_name, statistic = "Sum" }
      LagSeconds  = { service = module.load.function_name, statistic = "Maximum" }
    } :
    metric => [[{
      id         = lower(metric)
      expression = "SEARCH('{Totes,service,table} MetricName=\"${metric}\" service=\"${of.service}\"', '${of.statistic}')"
      label      = "$${PROP('Dim.table')}"
    }]]
  }

  # The same metric of each function, one line each.
  by_function = {
    for metric, statistic in { Seconds = "Maximum", MemoryUsed = "Maximum", Warnings = "Sum" } :
    metric => [
      for key, module in local.functions : ["Totes", metric, "service", module.function_name, { label = key, stat = statistic }]
    ]
  }

  # What starts and ends the work: runs of the state machine, or else calls of the functions.
  outcomes = {
    state_machine = flatten([
      for machine in aws_sfn_state_machine.pipeline[*].arn : [
        for outcome, label in { Succeeded = "succeeded", Failed = "failed", TimedOut = "timed out", Aborted = "aborted" } :
        jsonencode(["AWS/States", "Executions${outcome}", "StateMachineArn", machine, { label = label }])
      ]
    ])
    s3_events = flatten([
      for key, module in local.called : [
        for metric in ["Invocations", "Errors"] :
        jsonencode(["AWS/Lambda", metric, "FunctionName", module.function_name, { label = "${key}: ${lower(metric)}" }])
      ]
    ])
  }
}

locals {
  health = [
    {
      type   = "text"
      width  = 24
      height = 2
      properties = {
        markdown = join("\n", [
          "# ${var.name}",
          "From ${var.source_schema} of the source to ${var.warehouse_schema} of the warehouse, every ${var.rate_minutes} minutes. What to do about an alarm: ${var.runbook_url}. In words: `totes status --stack terraform`.",
        ])
      }
    },
    {
      type       = "alarm"
      width      = 12
      height     = 6
      properties = { title = "Is it healthy", alarms = local.alarm_arns, sortBy = "stateUpdatedTimestamp" }
    },
    {
      type   = "metric"
      width  = 12
      height = 6
      properties = {
        title   = var.trigger == "state_machine" ? "Runs" : "Calls of the stages"
        region  = var.region
        view    = "timeSeries"
        stat    = "Sum"
        period  = 300
        metrics = [for metric in local.outcomes[var.trigger] : jsondecode(metric)]
      }
    },
  ]

  lateness = [
    {
      type   = "metric"
      width  = 8
      height = 6
      properties = {
        title   = "Last success of each function, and the seconds it took"
        region  = var.region
        view    = "singleValue"
        stat    = "Maximum"
        period  = 60
        metrics = [for key, module in local.functions : ["Totes", "Seconds", "service", module.function_name, { label = "${key}, $${LAST_TIME_RELATIVE} ago" }]]
      }
    },
    {
      type   = "metric"
      width  = 16
      height = 6
      properties = {
        title       = "How late rows came into the warehouse, by table: seconds since the source was read"
        region      = var.region
        view        = "timeSeries"
        period      = 300
        metrics     = local.by_table.LagSeconds
        yAxis       = { left = { min = 0, label = "seconds", showUnits = false } }
        annotations = { horizontal = [{ label = "promised", value = local.promise_seconds }] }
      }
    },
  ]

  work = concat(
    [
      for metric in ["RowsRead", "RowsWritten", "RowsLoaded"] : {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title   = "${metric}, by table"
          region  = var.region
          view    = "timeSeries"
          stacked = true
          period  = 300
          metrics = local.by_table[metric]
        }
      }
    ],
    [
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title  = "Bytes written to the lake"
          region = var.region
          view   = "timeSeries"
          stat   = "Sum"
          period = 300
          metrics = [
            for key, module in { raw = module.ingest, processed = module.transform } :
            ["Totes", "BytesWritten", "service", module.function_name, { label = key }]
          ]
        }
      },
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title       = "Seconds of the longest call"
          region      = var.region
          view        = "timeSeries"
          period      = 300
          metrics     = local.by_function.Seconds
          annotations = { horizontal = [{ label = "limit", value = module.ingest.timeout_seconds }] }
        }
      },
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title   = "Memory used, in percent"
          region  = var.region
          view    = "timeSeries"
          period  = 300
          metrics = local.by_function.MemoryUsed
          yAxis   = { left = { min = 0, max = 100, showUnits = false } }
        }
      },
    ],
  )

  waiting = [
    {
      type   = "metric"
      width  = 12
      height = 6
      properties = {
        title  = "What waits for a person"
        region = var.region
        view   = "singleValue"
        stat   = "Maximum"
        period = 60
        metrics = [
          ["Totes", "RowsWaiting", "service", module.transform.function_name, { label = "rows set aside, $${LAST_TIME_RELATIVE} ago" }],
          ["Totes", "RowsDiffering", "service", module.verify.function_name, { label = "rows that differ, $${LAST_TIME_RELATIVE} ago" }],
          ["Totes", "SchemaChanges", "service", module.ingest.function_name, { label = "changes of the source's schema, $${LAST_TIME_RELATIVE} ago" }],
        ]
      }
    },
    {
      type   = "metric"
      width  = 12
      height = 6
      properties = {
        title   = "Warnings"
        region  = var.region
        view    = "timeSeries"
        stacked = true
        period  = 3600
        metrics = local.by_function.Warnings
      }
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    start          = "-P1D"
    periodOverride = "inherit"
    widgets        = concat(local.health, local.lateness, local.work, local.waiting, local.cost)
  })
}
