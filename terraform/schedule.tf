# The clock. A call is only a hint that there may be work, so one too many or two at once do no harm.

locals {
  # In s3_events mode commits start transform and load at once, and load the report; the schedule calls them as well, so that
  # work that a failure or a lost event has left behind is done after one rate and not after the next change in the source.
  pipeline_targets = var.trigger == "state_machine" ? {
    pipeline = { arn = aws_sfn_state_machine.pipeline[0].arn, action = "states:StartExecution" }
    } : {
    for name, module in local.called : name => { arn = module.function_arn, action = "lambda:InvokeFunction" }
  }

  verify_targets = var.verify_hours == 0 ? {} : {
    verify = { arn = module.verify.function_arn, action = "lambda:InvokeFunction" }
  }

  rates_targets = {
    for rates in module.rates : "rates" => { arn = rates.function_arn, action = "lambda:InvokeFunction" }
  }

  scheduled = merge(
    { for name, target in local.pipeline_targets : name => merge(target, { minutes = var.rate_minutes }) },
    { for name, target in local.verify_targets : name => merge(target, { minutes = var.verify_hours * 60 }) },
    { for name, target in local.rates_targets : name => merge(target, { minutes = var.exchange_rates.hours * 60 }) },
  )
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_scheduler_schedule" "this" {
  # checkov:skip=CKV_AWS_297:A schedule holds no data: its input is empty
  for_each = local.scheduled

  name                = "${var.name}-${each.key}"
  description         = "Calls ${each.key} of ${var.name}"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value.minutes == 1 ? "rate(1 minute)" : "rate(${each.value.minutes} minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = each.value.arn
    role_arn = aws_iam_role.schedule.arn
    input    = "{}"

    retry_policy {
      # The next call is due by then. Scheduler keeps none longer than a day.
      maximum_event_age_in_seconds = min(each.value.minutes * 60, 86400)
      maximum_retry_attempts       = 3
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name}-schedule"
  description          = "Of the schedules of ${var.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = aws_scheduler_schedule_group.this.arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "schedule"
  role = aws_iam_role.schedule.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Call"
      Effect   = "Allow"
      Action   = distinct([for target in local.scheduled : target.action])
      Resource = [for target in local.scheduled : target.arn]
    }]
  })
}
