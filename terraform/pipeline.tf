# The state machine of `trigger = "state_machine"`. pipeline.asl.json is its definition, as the console shows it.
#
# It tries again after transient errors alone: those of packages/core/src/errors.ts that say so (a test compares the two)
# and those of Lambda itself (https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html). All others
# need a person, or another version of something, and trying again would only delay the alert.
#
# The source having nothing new is no reason to stop: an earlier run may have committed and then failed, a person may have
# called a stage, a warehouse may have been restored from a backup. The warehouse's ledger is the one place that knows, and
# load with nothing to load is how to ask it; the executions' own list is only eventually consistent, and knows of none
# of those but the first.

locals {
  stages = { ingest = module.ingest, transform = module.transform, load = module.load }

  # What is called in a run. The report comes after the stages, and is none: the warehouse is in time without it.
  called = merge(local.stages, { report = module.report })

  # Verify and rates are no part of a run: they have a clock of their own. Replay has none.
  functions = merge(
    local.called,
    { verify = module.verify, replay = module.replay },
    { for rates in module.rates : "rates" => rates },
  )
}

resource "aws_sfn_state_machine" "pipeline" {
  # checkov:skip=CKV_AWS_284:A trace would tell no more than the execution's own history, and its rights cannot be narrowed to a resource
  # checkov:skip=CKV_AWS_285:A standard execution keeps its history, with each input and output, for 90 days; rights for a log cannot be narrowed to a resource
  count = var.trigger == "state_machine" ? 1 : 0

  name     = var.name
  role_arn = aws_iam_role.pipeline[0].arn
  type     = "STANDARD"

  definition = templatefile("${path.module}/pipeline.asl.json", {
    name             = var.name
    ingest           = module.ingest.function_arn
    transform        = module.transform.function_arn
    load             = module.load.function_arn
    report           = module.report.function_arn
    slices           = local.slice_connections
    transform_slices = local.transform_slices
    topic            = aws_sns_topic.alerts.arn
    bucket           = aws_s3_bucket.this["ingestion"].id
    processed        = aws_s3_bucket.this["processed"].id
    runbook          = var.runbook_url
    history          = "https://${var.region}.console.aws.amazon.com/states/home?region=${var.region}#/v2/executions/details/"
    logs             = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#logsV2:log-groups/log-group/$252Faws$252Flambda$252F${var.name}-"
  })

  depends_on = [aws_iam_role_policy.pipeline]
}

locals {
  # Beside those that read slices, one function keeps their snapshot and one may be asked for something else.
  slice_connections = var.reserved_concurrency == -1 ? var.slice_connections : max(0, min(var.slice_connections, var.reserved_concurrency - 2))

  # One may be asked for something else.
  transform_slices = var.reserved_concurrency == -1 ? var.transform_slices : max(0, min(var.transform_slices, var.reserved_concurrency - 1))

  # The labels of the state machine's two Distributed Maps, by the bucket that lists what they map over.
  maps = { ingestion = "slices", processed = "transform" }

  state_machine_arn = "arn:aws:states:${var.region}:${local.account}:stateMachine:${var.name}"

  # Each slice is an execution of its own, which the state machine starts by its own right.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  slices_statements = [
    {
      Sid      = "StartSlices"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = [local.state_machine_arn]
    },
    {
      Sid      = "FollowSlices"
      Effect   = "Allow"
      Action   = ["states:DescribeExecution", "states:StopExecution"]
      Resource = [for label in local.maps : "arn:aws:states:${var.region}:${local.account}:execution:${var.name}/${label}:*"]
    },
    {
      Sid      = "ReadTheListsOfSlices"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for bucket in keys(local.maps) : "${aws_s3_bucket.this[bucket].arn}/slices/*/slices.json"]
    },
    {
      Sid      = "DecryptTheListsOfSlices"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = [for bucket in keys(local.maps) : aws_s3_bucket.this[bucket].arn]
        }
      }
    },
  ]
}

resource "aws_iam_role" "pipeline" {
  count = var.trigger == "state_machine" ? 1 : 0

  name                 = "${var.name}-pipeline"
  description          = "Of the state machine ${var.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = concat([local.state_machine_arn], [for label in local.maps : "${local.state_machine_arn}/${label}*"]) }
      }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  count = var.trigger == "state_machine" ? 1 : 0

  name = "pipeline"
  role = aws_iam_role.pipeline[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "CallTheFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [for function in local.called : function.function_arn]
      }],
      local.slices_statements,
      local.alert_statements,
    )
  })
}
