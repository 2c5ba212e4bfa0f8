# Who is told, and of what.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "topic" {
  command = plan

  variables {
    alert_emails = ["team@example.com", "night@example.com"]
  }

  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == aws_kms_key.this.arn
    error_message = "Alerts must be encrypted."
  }

  assert {
    condition = [
      for subscription in aws_sns_topic_subscription.email : "${subscription.protocol} ${subscription.endpoint} ${subscription.topic_arn}"
    ] == ["email night@example.com ${aws_sns_topic.alerts.arn}", "email team@example.com ${aws_sns_topic.alerts.arn}"]
    error_message = "Every address must get the alerts."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sns_topic_policy.alerts.policy).Statement : [statement.Principal, statement.Condition] if statement.Effect == "Allow"
      ] == [[
        { Service = "cloudwatch.amazonaws.com" },
        {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-2:123456789012:alarm:totes-*" }
        },
    ]]
    error_message = "Beside the roles, this pipeline's alarms alone may publish."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_sns_topic_policy.alerts.policy).Statement :
      statement.Effect == "Deny" && statement.Condition == { Bool = { "aws:SecureTransport" = "false" } }
    ]) && aws_sns_topic_policy.alerts.arn == aws_sns_topic.alerts.arn
    error_message = "The topic must refuse connections that are not encrypted."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_kms_key.this.policy).Statement :
      statement.Principal == { Service = "cloudwatch.amazonaws.com" } && toset(flatten([statement.Action])) == toset(["kms:Decrypt", "kms:GenerateDataKey"])
    ])
    error_message = "Alarms must be able to use the topic's key, or they would be lost without a word."
  }
}

run "alarms" {
  command = plan

  assert {
    condition = {
      for alarm in concat(values(aws_cloudwatch_metric_alarm.execution), values(aws_cloudwatch_metric_alarm.count), [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered]) :
      alarm.alarm_name => "${alarm.namespace} ${alarm.metric_name} ${join(" ", values(alarm.dimensions))} ${alarm.statistic} ${alarm.comparison_operator} ${alarm.threshold}, ${alarm.evaluation_periods} x ${alarm.period}, ${alarm.treat_missing_data}"
      } == {
      totes-run-failed     = "AWS/States ExecutionsFailed ${aws_sfn_state_machine.pipeline[0].arn} Sum GreaterThanOrEqualToThreshold 1, 1 x 600, notBreaching"
      totes-run-timed-out  = "AWS/States ExecutionsTimedOut ${aws_sfn_state_machine.pipeline[0].arn} Sum GreaterThanOrEqualToThreshold 1, 1 x 600, notBreaching"
      totes-run-aborted    = "AWS/States ExecutionsAborted ${aws_sfn_state_machine.pipeline[0].arn} Sum GreaterThanOrEqualToThreshold 1, 1 x 600, notBreaching"
      totes-rows-differing = "Totes RowsDiffering totes-verify Maximum GreaterThanThreshold 0, 1 x 60, ignore"
      totes-rows-waiting   = "Totes RowsWaiting totes-transform Maximum GreaterThanThreshold 0, 1 x 60, ignore"
      totes-schema-changed = "Totes SchemaChanges totes-ingest Maximum GreaterThanThreshold 0, 1 x 60, ignore"
      totes-verify-failed  = "AWS/Lambda AsyncEventsDropped totes-verify Sum GreaterThanOrEqualToThreshold 1, 1 x 300, notBreaching"

      totes-alerts-undelivered = "AWS/SNS NumberOfNotificationsFailed totes-alerts Sum GreaterThanOrEqualToThreshold 1, 1 x 300, notBreaching"
    }
    error_message = "A run that ends badly, rows that differ or wait, a schema that changed, a comparison that failed and an alert that nobody got must each raise an alarm, which holds until rows are counted again."
  }

  assert {
    condition = {
      for kind in ["errors", "throttled", "warnings", "slow", "memory"] : kind => one(distinct([
        for name, alarm in aws_cloudwatch_metric_alarm.function :
        "${alarm.namespace} ${alarm.metric_name} ${join(" ", keys(alarm.dimensions))} ${alarm.statistic} ${alarm.comparison_operator} ${alarm.threshold}, ${alarm.datapoints_to_alarm} of ${alarm.evaluation_periods} x ${alarm.period}, ${alarm.treat_missing_data}"
        if endswith(name, "-${kind}")
      ]))
      } == {
      errors    = "AWS/Lambda Errors FunctionName Sum GreaterThanThreshold 0, 2 of 6 x 300, notBreaching"
      throttled = "AWS/Lambda Throttles FunctionName Sum GreaterThanThreshold 0, 2 of 3 x 300, notBreaching"
      warnings  = "Totes Warnings service Sum GreaterThanThreshold 20, 1 of 1 x 3600, notBreaching"
      slow      = "AWS/Lambda Duration FunctionName Maximum GreaterThanThreshold 720000, 1 of 5 x 300, notBreaching"
      memory    = "Totes MemoryUsed service Maximum GreaterThanThreshold 85, 1 of 1 x 300, notBreaching"
    }
    error_message = "Errors that retries hide, throttles, warnings beyond the limit, and time and memory near theirs must raise an alarm."
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.function : alarm.alarm_name => one(values(alarm.dimensions)) } == {
      for pair in setproduct(["ingest", "transform", "load", "verify", "replay", "report"], ["errors", "throttled", "warnings", "slow", "memory"]) :
      "totes-${pair[0]}-${pair[1]}" => "totes-${pair[0]}"
    }
    error_message = "Each function must have each alarm, of its own."
  }

  assert {
    condition = (
      flatten([for query in aws_cloudwatch_metric_alarm.stale_pipeline[0].metric_query : [
        for metric in query.metric : [metric.namespace, metric.metric_name, metric.stat, metric.period, metric.dimensions.StateMachineArn]
      ]]) == ["AWS/States", "ExecutionsSucceeded", "Sum", 1800, aws_sfn_state_machine.pipeline[0].arn]
      && one([for query in aws_cloudwatch_metric_alarm.stale_pipeline[0].metric_query : query.expression if query.return_data == true]) == "FILL(succeeded, 0)"
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].alarm_name == "totes-stale"
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].evaluation_periods == 1
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].threshold == 1
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].treat_missing_data == "breaching"
    )
    error_message = "Thirty minutes without a run that succeeded, or without any, must raise an alarm."
  }

  assert {
    condition = (
      flatten([for query in aws_cloudwatch_metric_alarm.stale_clock["verify"].metric_query : [
        for metric in query.metric : [metric.namespace, metric.metric_name, metric.stat, metric.period, metric.dimensions.service]
      ]]) == ["Totes", "Seconds", "SampleCount", 3600, "totes-verify"]
      && one([for query in aws_cloudwatch_metric_alarm.stale_clock["verify"].metric_query : query.expression if query.return_data == true]) == "FILL(finished, 0)"
      && aws_cloudwatch_metric_alarm.stale_clock["verify"].alarm_name == "totes-verify-stale"
      && aws_cloudwatch_metric_alarm.stale_clock["verify"].evaluation_periods == 48
      && aws_cloudwatch_metric_alarm.stale_clock["verify"].comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.stale_clock["verify"].threshold == 1
      && aws_cloudwatch_metric_alarm.stale_clock["verify"].treat_missing_data == "breaching"
    )
    error_message = "Two intervals without a comparison that finished must raise an alarm."
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered],
        values(aws_cloudwatch_metric_alarm.stale_clock),
        values(aws_cloudwatch_metric_alarm.count),
        values(aws_cloudwatch_metric_alarm.execution),
        aws_cloudwatch_metric_alarm.stale_pipeline,
        values(aws_cloudwatch_metric_alarm.function),
      ) : alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) && alarm.ok_actions == alarm.alarm_actions && startswith(alarm.alarm_name, "totes-")
    ])
    error_message = "Every alarm must go to the topic, which takes alarms of this name alone."
  }

  # What each says is between: what it means, and what to do first.
  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered],
        values(aws_cloudwatch_metric_alarm.stale_clock),
        values(aws_cloudwatch_metric_alarm.count),
        values(aws_cloudwatch_metric_alarm.execution),
        aws_cloudwatch_metric_alarm.stale_pipeline,
        values(aws_cloudwatch_metric_alarm.function),
      ) : can(regex("^totes-(|(ingest|transform|load|verify|replay|report)-)${regex("Runbook: docs/runbook.md#([a-z-]+)$", alarm.alarm_description)[0]}$", alarm.alarm_name))
    ])
    error_message = "Every alarm must end with a link to its section of the runbook."
  }

  assert {
    condition = (
      strcontains(aws_cloudwatch_metric_alarm.count["rows-differing"].alarm_description, "totes verify --stack")
      && strcontains(aws_cloudwatch_metric_alarm.count["rows-waiting"].alarm_description, "totes quarantine list --stack")
      && strcontains(aws_cloudwatch_metric_alarm.stale_pipeline[0].alarm_description, "totes status --stack")
      && strcontains(aws_cloudwatch_metric_alarm.function["load-errors"].alarm_description, "totes logs --stack terraform --stage load")
      && strcontains(aws_cloudwatch_metric_alarm.function["load-memory"].alarm_description, "85 % of its 1024 MB")
    )
    error_message = "An alarm must say what to do first."
  }
}

run "other_limits" {
  command = plan

  variables {
    runbook_url       = "https://github.com/${join("", [for i in range(112) : "ab"])}/runbook.md"
    warnings_per_hour = 0
    verify_hours      = 85
    rate_minutes      = 15
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.execution) : alarm.period == 1800])
    error_message = "One run after another that fails must raise one alarm, at any rate."
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.verify_failed, aws_cloudwatch_metric_alarm.undelivered],
        values(aws_cloudwatch_metric_alarm.stale_clock),
        values(aws_cloudwatch_metric_alarm.count),
        values(aws_cloudwatch_metric_alarm.execution),
        aws_cloudwatch_metric_alarm.stale_pipeline,
        values(aws_cloudwatch_metric_alarm.function),
      ) : length(alarm.alarm_description) <= 1024 && strcontains(alarm.alarm_description, "Runbook: ${var.runbook_url}#")
    ])
    error_message = "The longest address of a runbook must fit into what CloudWatch takes."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.function["load-warnings"].threshold == 0
    error_message = "Any warning must be able to raise an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.stale_clock["verify"].evaluation_periods == 168
    error_message = "CloudWatch looks back a week at most."
  }
}

run "verify_by_hand" {
  command = plan

  variables {
    verify_hours = 0
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.stale_clock) == 0
    error_message = "Where nothing calls verify, its silence must raise no alarm."
  }
}

run "verify_once_a_week" {
  command = plan

  variables {
    verify_hours = 168
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.stale_clock) == 0
    error_message = "A comparison a minute late must raise no alarm."
  }
}

run "alarms_of_s3_events" {
  command = plan

  variables {
    trigger = "s3_events"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.execution) + length(aws_cloudwatch_metric_alarm.stale_pipeline) == 0
    error_message = "Without a state machine it must have no alarm."
  }

  assert {
    condition = toset(keys(aws_cloudwatch_metric_alarm.stale_stage)) == toset(["ingest", "transform", "load", "report"]) && alltrue([
      for stage, alarm in aws_cloudwatch_metric_alarm.stale_stage : alarm.treat_missing_data == "breaching" && alarm.threshold == 1
      && alarm.comparison_operator == "LessThanThreshold" && alarm.alarm_actions == toset([aws_sns_topic.alerts.arn])
      && endswith(alarm.alarm_description, "Runbook: docs/runbook.md#stale") && alarm.alarm_name == "totes-${stage}-stale"
      && toset(flatten([for query in alarm.metric_query : [for metric in query.metric : "${metric.metric_name} ${metric.dimensions.FunctionName} ${metric.period}"]]))
      == toset(["Invocations totes-${stage} 1800", "Errors totes-${stage} 1800"])
      && one([for query in alarm.metric_query : query.expression if query.return_data == true]) == "FILL(invocations, 0) - FILL(errors, 0)"
    ])
    error_message = "Thirty minutes without a success of a stage must raise an alarm."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.function) == 30 && length(aws_cloudwatch_metric_alarm.count) == 3 && length(aws_cloudwatch_metric_alarm.stale_clock) == 1
    error_message = "The functions' alarms must be there with either trigger."
  }
}
