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
      for key, alarm in aws_cloudwatch_metric_alarm.execution : key => "${alarm.namespace} ${alarm.metric_name} ${alarm.dimensions.StateMachineArn} ${alarm.comparison_operator} ${alarm.threshold}"
      } == {
      failed    = "AWS/States ExecutionsFailed ${aws_sfn_state_machine.pipeline[0].arn} GreaterThanOrEqualToThreshold 1"
      timed-out = "AWS/States ExecutionsTimedOut ${aws_sfn_state_machine.pipeline[0].arn} GreaterThanOrEqualToThreshold 1"
      aborted   = "AWS/States ExecutionsAborted ${aws_sfn_state_machine.pipeline[0].arn} GreaterThanOrEqualToThreshold 1"
    }
    error_message = "Each way in which a run can end badly must have its alarm."
  }

  assert {
    condition = (
      flatten([for query in aws_cloudwatch_metric_alarm.stale_pipeline[0].metric_query : [
        for metric in query.metric : [metric.namespace, metric.metric_name, metric.stat, metric.period, metric.dimensions.StateMachineArn]
      ]]) == ["AWS/States", "ExecutionsSucceeded", "Sum", 1800, aws_sfn_state_machine.pipeline[0].arn]
      && one([for query in aws_cloudwatch_metric_alarm.stale_pipeline[0].metric_query : query.expression if query.return_data == true]) == "FILL(succeeded, 0)"
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].evaluation_periods == 1
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].threshold == 1
      && aws_cloudwatch_metric_alarm.stale_pipeline[0].treat_missing_data == "breaching"
    )
    error_message = "Thirty minutes without a run that succeeded, or without any, must raise an alarm."
  }

  assert {
    condition = (
      [for alarm in aws_cloudwatch_metric_alarm.errors : "${alarm.namespace} ${alarm.metric_name} ${alarm.dimensions.FunctionName}"]
      == ["AWS/Lambda Errors totes-ingest", "AWS/Lambda Errors totes-load", "AWS/Lambda Errors totes-transform"]
      && [for alarm in aws_cloudwatch_metric_alarm.throttles : "${alarm.namespace} ${alarm.metric_name} ${alarm.dimensions.FunctionName}"]
      == ["AWS/Lambda Throttles totes-ingest", "AWS/Lambda Throttles totes-load", "AWS/Lambda Throttles totes-transform"]
    )
    error_message = "Each function must have an alarm for its errors and one for its throttles."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.errors), values(aws_cloudwatch_metric_alarm.throttles)) :
      alarm.comparison_operator == "GreaterThanOrEqualToThreshold" && alarm.threshold == 1 && alarm.statistic == "Sum"
      && alarm.datapoints_to_alarm == 2 && alarm.evaluation_periods == 3 && alarm.period == 300
    ])
    error_message = "Two of three five-minute spells with an error must raise the alarm."
  }

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.rows :
      key => "${alarm.namespace} ${alarm.metric_name} ${jsonencode(alarm.dimensions)} ${alarm.statistic} ${alarm.comparison_operator} ${alarm.threshold} ${alarm.treat_missing_data}"
      } == {
      differing = "Totes RowsDiffering {\"service\":\"totes-verify\"} Maximum GreaterThanThreshold 0 ignore"
      waiting   = "Totes RowsWaiting {\"service\":\"totes-transform\"} Maximum GreaterThanThreshold 0 ignore"
    }
    error_message = "A row that differs or waits must raise an alarm, which holds until rows are counted again."
  }

  assert {
    condition = (
      strcontains(aws_cloudwatch_metric_alarm.rows["differing"].alarm_description, "totes verify")
      && strcontains(aws_cloudwatch_metric_alarm.rows["waiting"].alarm_description, "totes quarantine list")
      && strcontains(aws_cloudwatch_metric_alarm.verify_failed.alarm_description, "totes-verify")
    )
    error_message = "An alarm of rows must say what to do first."
  }

  assert {
    condition = (
      "${aws_cloudwatch_metric_alarm.verify_failed.namespace} ${aws_cloudwatch_metric_alarm.verify_failed.metric_name}" == "AWS/Lambda AsyncEventsDropped"
      && aws_cloudwatch_metric_alarm.verify_failed.dimensions == tomap({ FunctionName = "totes-verify" })
      && aws_cloudwatch_metric_alarm.verify_failed.threshold == 1
      && aws_cloudwatch_metric_alarm.verify_failed.comparison_operator == "GreaterThanOrEqualToThreshold"
    )
    error_message = "A comparison that failed for good must raise an alarm."
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.verify_failed],
        values(aws_cloudwatch_metric_alarm.rows),
        values(aws_cloudwatch_metric_alarm.execution),
        aws_cloudwatch_metric_alarm.stale_pipeline,
        values(aws_cloudwatch_metric_alarm.errors),
        values(aws_cloudwatch_metric_alarm.throttles),
      ) : alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) && startswith(alarm.alarm_name, "totes-")
    ])
    error_message = "Every alarm must go to the topic, which takes alarms of this name alone."
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
    condition = toset(keys(aws_cloudwatch_metric_alarm.stale_stage)) == toset(["ingest", "transform", "load"]) && alltrue([
      for stage, alarm in aws_cloudwatch_metric_alarm.stale_stage : alarm.treat_missing_data == "breaching" && alarm.threshold == 1
      && alarm.comparison_operator == "LessThanThreshold" && alarm.alarm_actions == toset([aws_sns_topic.alerts.arn])
      && toset(flatten([for query in alarm.metric_query : [for metric in query.metric : "${metric.metric_name} ${metric.dimensions.FunctionName} ${metric.period}"]]))
      == toset(["Invocations totes-${stage} 1800", "Errors totes-${stage} 1800"])
      && one([for query in alarm.metric_query : query.expression if query.return_data == true]) == "FILL(invocations, 0) - FILL(errors, 0)"
    ])
    error_message = "Thirty minutes without a success of a stage must raise an alarm."
  }
}
