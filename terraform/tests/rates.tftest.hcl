# Exchange rates: nothing unless asked for, and then a function with a clock and no network.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "off" {
  command = plan

  assert {
    condition     = length(module.rates) == 0 && !contains(keys(output.function_names), "rates") && !contains(keys(aws_scheduler_schedule.this), "rates")
    error_message = "Nobody may ask a third party for rates unless the deployment says so."
  }
}

run "on" {
  command = plan

  variables {
    exchange_rates = { enabled = true, hours = 12 }
    vpc            = { subnet_ids = ["subnet-0123456789abcdef0"], security_group_ids = ["sg-0123456789abcdef0"] }
    code_version   = "0123abc"
  }

  override_resource {
    target          = module.rates[0].aws_lambda_function.this
    override_during = plan
    values          = { arn = "arn:aws:lambda:eu-west-2:123456789012:function:totes-rates" }
  }

  override_resource {
    target          = module.rates[0].aws_cloudwatch_log_group.this
    override_during = plan
    values          = { arn = "arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-rates" }
  }

  assert {
    condition = module.rates[0].environment == tomap({
      NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
      RAW_BUCKET          = "s3://ingestion"
      RATES_URL           = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
      CODE_VERSION        = "0123abc"
    })
    error_message = "Rates must get its settings."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.rates[0].policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
      ]
      ])) == toset([
      "Allow logs:CreateLogStream arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-rates:*",
      "Allow logs:PutLogEvents arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/totes-rates:*",
      "Allow s3:ListBucket arn:aws:s3:::ingestion",
      "Allow s3:GetObject arn:aws:s3:::ingestion/rates/*",
      "Allow s3:GetObject arn:aws:s3:::ingestion/raw/exchange_rate/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/rates/*",
      "Allow s3:PutObject arn:aws:s3:::ingestion/raw/exchange_rate/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow sns:Publish ${aws_sns_topic.alerts.arn}",
    ])
    error_message = "Rates must append rates to the lake and tell of a failure, no more; it is in no network, so it needs no right there."
  }

  assert {
    condition = [
      for statement in jsondecode(module.rates[0].policy).Statement : statement.Condition.StringEquals["s3:prefix"] if contains(statement.Action, "s3:ListBucket")
    ] == ["rates/"]
    error_message = "Rates must list its own log alone."
  }

  assert {
    condition = (
      aws_scheduler_schedule.this["rates"].schedule_expression == "rate(720 minutes)"
      && aws_scheduler_schedule.this["rates"].target[0].arn == module.rates[0].function_arn
      && contains(jsondecode(aws_iam_role_policy.schedule.policy).Statement[0].Resource, module.rates[0].function_arn)
    )
    error_message = "A schedule must call rates."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["rates"].destination_config[0].on_failure[0].destination == aws_sns_topic.alerts.arn
    error_message = "A call of rates that failed for good must be told to the topic."
  }

  assert {
    condition     = alltrue([for kind in ["errors", "throttled", "warnings", "slow", "memory"] : contains(keys(aws_cloudwatch_metric_alarm.function), "rates-${kind}")])
    error_message = "Rates must have the alarms of a function."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.stale_clock["rates"].alarm_name == "totes-rates-stale"
      && aws_cloudwatch_metric_alarm.stale_clock["rates"].evaluation_periods == 24
      && aws_cloudwatch_metric_alarm.stale_clock["rates"].treat_missing_data == "breaching"
      && endswith(aws_cloudwatch_metric_alarm.stale_clock["rates"].alarm_description, "Runbook: docs/runbook.md#rates-stale")
      && flatten([for query in aws_cloudwatch_metric_alarm.stale_clock["rates"].metric_query : [for metric in query.metric : "${metric.metric_name} ${metric.dimensions.service} ${metric.period}"]])
      == ["Seconds totes-rates 3600"]
    )
    error_message = "Two intervals without rates must raise an alarm."
  }
}

run "once_a_week" {
  command = plan

  variables {
    exchange_rates = { enabled = true, hours = 168 }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.stale_clock), "rates")
    error_message = "Rates a minute late must raise no alarm."
  }
}

run "refused_url" {
  command = plan

  variables {
    exchange_rates = { url = "http://rates.example" }
  }

  expect_failures = [var.exchange_rates]
}

run "refused_hours" {
  command = plan

  variables {
    exchange_rates = { hours = 0 }
  }

  expect_failures = [var.exchange_rates]
}
