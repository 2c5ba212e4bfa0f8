# One key encrypts what rests here: buckets, secrets, alerts, the warehouse. A key that AWS manages would not do for the
# topic, because CloudWatch alarms may not use it, and could be taken from nobody.
resource "aws_kms_key" "this" {
  description             = "Data at rest of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.protect_data ? 30 : 7

  # AWS would ask that whoever makes the key may change its policy later, and the role that deploys may that by the key's tag,
  # which is not there yet. The account's administrators always may, by the first statement.
  bypass_policy_lockout_safety_check = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        # Hands the decision on to the IAM policies of this account. In a key's policy "*" is the key itself.
        Sid       = "AccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AlarmsToTheTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ], local.report_decryption)
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
