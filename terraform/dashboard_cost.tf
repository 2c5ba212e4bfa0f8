# The dashboard's last row: what the work costs, estimated from what CloudWatch counts and from list prices.

locals {
  # What is counted: milliseconds and calls of each function, runs of the state machine.
  cost_counts = concat(
    flatten([
      for key, module in local.functions : [
        for id, metric in { ms = "Duration", calls = "Invocations" } :
        jsonencode(["AWS/Lambda", metric, "FunctionName", module.function_name, { id = "${key}_${id}", stat = "Sum", visible = false }])
      ]
    ]),
    [
      for machine in aws_sfn_state_machine.pipeline[*].arn :
      jsonencode(["AWS/States", "ExecutionsStarted", "StateMachineArn", machine, { id = "runs", stat = "Sum", visible = false }])
    ],
  )

  # Dollars, as expressions over these counts. A function that was not called has none, and would leave the sum without a value.
  cost_parts = merge(
    {
      for key, module in local.functions :
      key => "(FILL(${key}_ms, 0) * ${format("%.15f", var.memory_mb[key] / 1024 / 1000 * var.prices.gb_second)} + FILL(${key}_calls, 0) * ${format("%.15f", var.prices.request)})"
    },
    # AWS does not count a state machine's transitions. Each attempt to call a function is one; a run has five more: its start, three
    # choices and its end; and one again where there is something new.
    {
      for key in ["states"] :
      key => "((FILL(ingest_calls, 0) + FILL(transform_calls, 0) + FILL(load_calls, 0) + FILL(report_calls, 0) + 5 * FILL(runs, 0)) * ${format("%.15f", var.prices.state_transition)})"
      if var.trigger == "state_machine"
    },
  )
  cost_labels = merge({ states = "Step Functions" }, { for key in keys(local.functions) : key => "Lambda: ${key}" })

  cost_of_all = "(${join(" + ", values(local.cost_parts))})"
  runs        = var.trigger == "state_machine" ? "runs" : "ingest_calls"

  cost = [
    {
      type   = "metric"
      width  = 12
      height = 6
      properties = {
        title   = "Dollars a day, estimated"
        region  = var.region
        view    = "timeSeries"
        stacked = true
        period  = 86400
        start   = "-P28D"
        yAxis   = { left = { min = 0, label = "USD", showUnits = false } }
        metrics = concat(
          [for metric in local.cost_counts : jsondecode(metric)],
          [for key, dollars in local.cost_parts : [{ id = "cost_${key}", expression = dollars, label = local.cost_labels[key] }]],
        )
      }
    },
    {
      type   = "metric"
      width  = 6
      height = 6
      properties = {
        title  = "Dollars, estimated"
        region = var.region
        view   = "singleValue"
        period = 86400
        metrics = concat(
          [for metric in local.cost_counts : jsondecode(metric)],
          [
            [{ id = "day", expression = local.cost_of_all, label = "today, so far" }],
            [{ id = "run", expression = "day / ${local.runs}", label = "a run of today" }],
          ],
        )
      }
    },
    {
      type   = "text"
      width  = 6
      height = 6
      properties = {
        markdown = join("\n", [
          "**An estimate, not the bill**: list prices without free tier.",
          "",
          "- Lambda: ${format("%.10f", var.prices.gb_second)} USD for a GB-second (arm64), ${format("%.7f", var.prices.request)} USD for a request",
          "- Step Functions: ${format("%.7f", var.prices.state_transition)} USD for a state transition",
          "",
          "Not in it: starts of functions, storage and requests of S3, logs, metrics, alarms, the key, secrets, databases, networks, taxes. Other prices: the variable `prices`.",
        ])
      }
    },
  ]
}
