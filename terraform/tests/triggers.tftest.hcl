# The schedule, and both ways to go on from ingest.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "state_machine" {
  command = plan

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.this : name => schedule.target[0].arn } == {
      pipeline = aws_sfn_state_machine.pipeline[0].arn
      verify   = module.verify.function_arn
    }
    error_message = "The schedules must start the state machine and verify, and nothing else."
  }

  assert {
    condition     = aws_scheduler_schedule.this["pipeline"].schedule_expression == "rate(5 minutes)" && aws_scheduler_schedule.this["pipeline"].flexible_time_window[0].mode == "OFF"
    error_message = "The schedule must run every five minutes, unless told otherwise."
  }

  assert {
    condition = (
      aws_scheduler_schedule.this["verify"].schedule_expression == "rate(1440 minutes)"
      && aws_scheduler_schedule.this["verify"].target[0].retry_policy[0].maximum_event_age_in_seconds == 86400
    )
    error_message = "Verify must run once a day, unless told otherwise."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.schedule.policy).Statement == [{
      Sid      = "Call"
      Effect   = "Allow"
      Action   = ["states:StartExecution", "lambda:InvokeFunction"]
      Resource = [aws_sfn_state_machine.pipeline[0].arn, module.verify.function_arn]
    }] && alltrue([for schedule in aws_scheduler_schedule.this : schedule.target[0].role_arn == aws_iam_role.schedule.arn])
    error_message = "The schedules must be able to start the state machine and verify, and no more."
  }

  assert {
    condition     = length(aws_s3_bucket_notification.commit) + length(aws_lambda_permission.commit) == 0
    error_message = "Commits must start nothing while the state machine does."
  }

  assert {
    condition = {
      for name, config in aws_lambda_function_event_invoke_config.this :
      config.function_name => "${config.maximum_retry_attempts} ${config.maximum_event_age_in_seconds} ${config.destination_config[0].on_failure[0].destination}"
    } == { totes-verify = "2 3600 ${aws_sns_topic.alerts.arn}" }
    error_message = "A call of verify that failed for good must be told to the topic; the state machine tells of its runs."
  }

  assert {
    condition     = !anytrue([for policy in [module.ingest.policy, module.transform.policy, module.load.policy, module.report.policy] : strcontains(policy, "sns:Publish") || strcontains(policy, "lambda:")])
    error_message = "The functions must leave it to the state machine to call another, and to tell of a failure."
  }
}

run "rate" {
  command = plan

  variables {
    rate_minutes = 1
  }

  assert {
    condition     = aws_scheduler_schedule.this["pipeline"].schedule_expression == "rate(1 minute)"
    error_message = "One minute is singular."
  }

  assert {
    condition     = aws_scheduler_schedule.this["pipeline"].target[0].retry_policy[0].maximum_event_age_in_seconds == 60
    error_message = "A call must not be kept longer than the rate."
  }
}

run "longest_rate" {
  command = plan

  variables {
    rate_minutes = 15
  }

  assert {
    condition     = aws_scheduler_schedule.this["pipeline"].schedule_expression == "rate(15 minutes)"
    error_message = "Fifteen minutes must be accepted."
  }
}

run "verify_once_a_week" {
  command = plan

  variables {
    verify_hours = 168
  }

  assert {
    condition     = aws_scheduler_schedule.this["verify"].schedule_expression == "rate(10080 minutes)" && aws_scheduler_schedule.this["verify"].target[0].retry_policy[0].maximum_event_age_in_seconds == 86400
    error_message = "A week must be accepted, though no call can be kept for so long."
  }
}

run "verify_every_hour" {
  command = plan

  variables {
    verify_hours = 1
  }

  assert {
    condition     = aws_scheduler_schedule.this["verify"].schedule_expression == "rate(60 minutes)" && aws_scheduler_schedule.this["verify"].target[0].retry_policy[0].maximum_event_age_in_seconds == 3600
    error_message = "A call of verify must not be kept longer than its rate."
  }
}

run "verify_by_hand" {
  command = plan

  variables {
    verify_hours = 0
  }

  assert {
    condition     = keys(aws_scheduler_schedule.this) == ["pipeline"] && !strcontains(aws_iam_role_policy.schedule.policy, module.verify.function_arn)
    error_message = "With 0 nothing must call verify."
  }
}

run "s3_events" {
  command = plan

  variables {
    trigger = "s3_events"
  }

  assert {
    condition     = length(aws_sfn_state_machine.pipeline) + length(aws_iam_role.pipeline) + length(aws_iam_role_policy.pipeline) == 0
    error_message = "There must be no state machine."
  }

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.this : name => schedule.target[0].arn } == {
      ingest    = module.ingest.function_arn
      transform = module.transform.function_arn
      load      = module.load.function_arn
      report    = module.report.function_arn
      verify    = module.verify.function_arn
    }
    error_message = "The schedules must call ingest and verify, and the others for what a failure or a lost event has left behind."
  }

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.this : name => schedule.schedule_expression } == {
      ingest    = "rate(5 minutes)"
      transform = "rate(5 minutes)"
      load      = "rate(5 minutes)"
      report    = "rate(5 minutes)"
      verify    = "rate(1440 minutes)"
    }
    error_message = "All calls must keep their rate."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.schedule.policy).Statement == [{
      Sid      = "Call"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [module.ingest.function_arn, module.load.function_arn, module.report.function_arn, module.transform.function_arn, module.verify.function_arn]
    }]
    error_message = "The schedules must be able to call the functions, and no more."
  }

  assert {
    condition = {
      for bucket, notification in aws_s3_bucket_notification.commit : notification.bucket => join(" ", [
        for function in notification.lambda_function :
        "${function.lambda_function_arn} ${join(" ", function.events)} ${function.filter_prefix}*${function.filter_suffix}"
      ])
      } == {
      ingestion = "arn:aws:lambda:eu-west-2:123456789012:function:totes-transform s3:ObjectCreated:* log/*.json"
      processed = "arn:aws:lambda:eu-west-2:123456789012:function:totes-load s3:ObjectCreated:* log/*.json"
    }
    error_message = "A commit in the raw log must start transform, one in the processed log load, and nothing else anything."
  }

  assert {
    condition = {
      for bucket, permission in aws_lambda_permission.commit :
      permission.source_arn => "${permission.principal} ${permission.action} ${permission.function_name} ${permission.source_account}"
      } == {
      "arn:aws:s3:::ingestion" = "s3.amazonaws.com lambda:InvokeFunction totes-transform 123456789012"
      "arn:aws:s3:::processed" = "s3.amazonaws.com lambda:InvokeFunction totes-load 123456789012"
    }
    error_message = "Each bucket of this account, and it alone, must be able to call its function."
  }

  assert {
    condition = {
      for stage, config in aws_lambda_function_event_invoke_config.this :
      config.function_name => "${config.maximum_retry_attempts} ${config.maximum_event_age_in_seconds} ${config.destination_config[0].on_failure[0].destination}"
      } == {
      totes-ingest    = "2 300 ${aws_sns_topic.alerts.arn}"
      totes-transform = "2 300 ${aws_sns_topic.alerts.arn}"
      totes-load      = "2 300 ${aws_sns_topic.alerts.arn}"
      totes-report    = "2 300 ${aws_sns_topic.alerts.arn}"
      totes-verify    = "2 3600 ${aws_sns_topic.alerts.arn}"
    }
    error_message = "A call that failed for good must be told to the topic."
  }

  assert {
    condition = alltrue([
      for policy in [module.ingest.policy, module.transform.policy, module.load.policy, module.verify.policy, module.report.policy] : anytrue([
        for statement in jsondecode(policy).Statement : statement.Action == ["sns:Publish"] && statement.Resource == [aws_sns_topic.alerts.arn]
      ])
    ])
    error_message = "Lambda tells of a failure with the function's own rights."
  }
}

run "s3_events_report" {
  command = plan

  variables {
    trigger = "s3_events"
  }

  assert {
    condition = {
      for name, config in aws_lambda_function_event_invoke_config.this :
      name => join(" ", config.destination_config[0].on_success[*].destination) if length(config.destination_config[0].on_success) > 0
    } == { load = module.report.function_arn }
    error_message = "A load that succeeded must call the report, and nothing else anything."
  }

  assert {
    condition = [
      for statement in jsondecode(module.load.policy).Statement : statement.Resource if contains(statement.Action, "lambda:InvokeFunction")
    ] == [[module.report.function_arn]]
    error_message = "Lambda calls the report with the rights of load, which must be able to call that alone."
  }
}

run "s3_events_at_the_shortest_rate" {
  command = plan

  variables {
    trigger      = "s3_events"
    rate_minutes = 1
  }

  assert {
    condition     = [for config in aws_lambda_function_event_invoke_config.this : config.maximum_event_age_in_seconds] == [300, 300, 300, 300, 3600]
    error_message = "A call must be kept until Lambda has repeated it after one and two minutes."
  }
}

run "s3_events_at_the_longest_rate" {
  command = plan

  variables {
    trigger      = "s3_events"
    rate_minutes = 15
  }

  assert {
    condition     = [for config in aws_lambda_function_event_invoke_config.this : config.maximum_event_age_in_seconds] == [900, 900, 900, 900, 3600]
    error_message = "A call must be kept until the schedule makes it again."
  }
}
