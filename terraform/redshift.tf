# The warehouse that `warehouse_redshift` asks for: Redshift Serverless that the functions' security groups alone can reach. It
# reads the rows from the lake by itself, with a role of its own.

locals {
  redshift    = var.warehouse_redshift[*]
  is_redshift = var.warehouse_redshift != null || try(var.warehouse_secret.engine, "") == "redshift"

  # Ephemeral as the password is, so no state or plan can hold it.
  redshift_secret = var.warehouse_redshift == null ? null : jsonencode({
    engine   = "redshift"
    username = aws_redshiftserverless_namespace.warehouse[0].admin_username
    password = var.warehouse_redshift_password
    host     = aws_redshiftserverless_workgroup.warehouse[0].endpoint[0].address
    port     = aws_redshiftserverless_workgroup.warehouse[0].endpoint[0].port
    dbname   = aws_redshiftserverless_namespace.warehouse[0].db_name
  })

  # What COPY reads: the rows, and the lists of objects that load writes.
  redshift_copy_policy = [
    {
      Sid       = "FindRows"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["processed"].arn]
      Condition = { StringLike = { "s3:prefix" = ["star/*", "redshift/*"] } }
    },
    {
      Sid      = "ReadRows"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for folder in ["star", "redshift"] : "${aws_s3_bucket.this["processed"].arn}/${folder}/*"]
    },
    {
      Sid      = "DecryptRows"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [aws_kms_key.this.arn]
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["processed"].arn
        }
      }
    },
  ]

  # What load needs beside its other rights: it tells COPY which objects a version has.
  redshift_load_policy = [
    for statement in [
      {
        Sid      = "WriteCopyManifests"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${aws_s3_bucket.this["processed"].arn}/redshift/*"]
      },
      {
        Sid      = "EncryptCopyManifests"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = [aws_kms_key.this.arn]
        Condition = {
          StringEquals = {
            "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
            "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this["processed"].arn
          }
        }
      },
    ] : statement if local.is_redshift
  ]
}

resource "aws_iam_role" "redshift_copy" {
  count = length(local.redshift)

  name                 = "${var.name}-redshift-copy"
  description          = "Of the warehouse of ${var.name}, which reads the lake"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"] }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "redshift_copy" {
  count = length(local.redshift)

  name   = "copy"
  role   = aws_iam_role.redshift_copy[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.redshift_copy_policy })
}

data "aws_subnet" "redshift" {
  count = length(local.redshift)

  id = sort(var.vpc.subnet_ids)[0]
}

resource "aws_security_group" "redshift" {
  count = length(local.redshift)

  name        = "${var.name}-redshift"
  description = "The warehouse of ${var.name}: open to its functions, calls nobody"
  vpc_id      = data.aws_subnet.redshift[0].vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "redshift" {
  for_each = toset(var.warehouse_redshift == null ? [] : var.vpc.security_group_ids)

  security_group_id            = aws_security_group.redshift[0].id
  description                  = "Redshift from the functions"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

resource "aws_redshiftserverless_namespace" "warehouse" {
  count = length(local.redshift)

  namespace_name = "${var.name}-warehouse"
  db_name        = "warehouse"
  kms_key_id     = aws_kms_key.this.arn
  log_exports    = ["userlog", "connectionlog", "useractivitylog"]

  admin_username                 = "totes"
  admin_user_password_wo         = var.warehouse_redshift_password
  admin_user_password_wo_version = local.redshift[0].password_version

  iam_roles            = [aws_iam_role.redshift_copy[0].arn]
  default_iam_role_arn = aws_iam_role.redshift_copy[0].arn
}

resource "aws_redshiftserverless_workgroup" "warehouse" {
  count = length(local.redshift)

  workgroup_name = "${var.name}-warehouse"
  namespace_name = aws_redshiftserverless_namespace.warehouse[0].namespace_name
  base_capacity  = local.redshift[0].base_capacity_rpu
  max_capacity   = local.redshift[0].maximum_capacity_rpu
  port           = 5439

  publicly_accessible = false
  subnet_ids          = var.vpc.subnet_ids
  security_group_ids  = [aws_security_group.redshift[0].id]

  config_parameter {
    parameter_key   = "require_ssl"
    parameter_value = "true"
  }
}
