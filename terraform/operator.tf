# What somebody needs who operates the pipeline by `totes … --stack`, and no more: no password, no rows but those that are set
# aside, the business report, nothing to deploy or delete with. Who gets it is for the account to say, so it is an output and no role.

locals {
  operator_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.operator_statements, var.trigger == "state_machine" ? local.operator_run_statements : [])
  })

  operator_statements = [
    {
      Sid       = "FindVersionsAndRequests"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["ingestion"].arn, aws_s3_bucket.this["processed"].arn]
      Condition = { StringLike = { "s3:prefix" = ["log/*", "requests/"] } }
    },
    {
      Sid    = "ReadVersionsAndWhatIsSetAside"
      Effect = "Allow"
      Action = ["s3:GetObject"]
      Resource = [
        "${aws_s3_bucket.this["ingestion"].arn}/log/*",
        "${aws_s3_bucket.this["processed"].arn}/log/*",
        "${aws_s3_bucket.this["processed"].arn}/state/quarantine/*",
      ]
    },
    {
      # Reading back settles whether a write whose reply was lost has taken effect.
      Sid      = "Request"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.this["ingestion"].arn}/requests/*"]
    },
    {
      # Without it S3 would not say that there is no page yet. The bucket holds nothing else.
      Sid      = "SeeWhetherThereIsAReport"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [aws_s3_bucket.this["report"].arn]
    },
    {
      # A signed link opens what whoever signed it may read.
      Sid      = "ReadTheReport"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${aws_s3_bucket.this["report"].arn}/index.html"]
    },
    {
      Sid       = "EncryptAndDecryptTheLake"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [aws_kms_key.this.arn]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "CallFunctions"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [for module in values(local.functions) : module.function_arn]
    },
    {
      Sid      = "ReadLogs"
      Effect   = "Allow"
      Action   = ["logs:FilterLogEvents"]
      Resource = [for module in values(local.functions) : "arn:aws:logs:${var.region}:${local.account}:log-group:${module.log_group}:*"]
    },
    {
      # AWS names no resource for a list of alarms.
      Sid      = "ReadAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarms"]
      Resource = ["*"]
    },
  ]

  operator_run_statements = [
    {
      Sid      = "StartAndListRuns"
      Effect   = "Allow"
      Action   = ["states:StartExecution", "states:ListExecutions"]
      Resource = aws_sfn_state_machine.pipeline[*].arn
    },
    {
      Sid      = "FollowRuns"
      Effect   = "Allow"
      Action   = ["states:DescribeExecution", "states:GetExecutionHistory", "states:ListMapRuns"]
      Resource = ["arn:aws:states:${var.region}:${local.account}:execution:${var.name}:*"]
    },
    {
      Sid      = "CountSlices"
      Effect   = "Allow"
      Action   = ["states:DescribeMapRun"]
      Resource = [for label in local.maps : "arn:aws:states:${var.region}:${local.account}:mapRun:${var.name}/${label}:*"]
    },
  ]
}
