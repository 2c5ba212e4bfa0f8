# The warehouse that `warehouse_rds` asks for: PostgreSQL that the functions' security groups alone can reach.

locals {
  rds = var.warehouse_rds[*]

  # Ephemeral as the password is, so no state or plan can hold it.
  rds_secret = var.warehouse_rds == null ? null : jsonencode({
    engine   = "postgres"
    username = aws_db_instance.warehouse[0].username
    password = var.warehouse_rds_password
    host     = aws_db_instance.warehouse[0].address
    port     = aws_db_instance.warehouse[0].port
    dbname   = aws_db_instance.warehouse[0].db_name
  })
}

data "aws_subnet" "warehouse" {
  count = length(local.rds)

  id = sort(var.vpc.subnet_ids)[0]
}

resource "aws_db_subnet_group" "warehouse" {
  count = length(local.rds)

  name        = "${var.name}-warehouse"
  description = "Of the warehouse of ${var.name}"
  subnet_ids  = var.vpc.subnet_ids
}

resource "aws_security_group" "warehouse" {
  count = length(local.rds)

  name        = "${var.name}-warehouse"
  description = "The warehouse of ${var.name}: open to its functions, calls nobody"
  vpc_id      = data.aws_subnet.warehouse[0].vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "warehouse" {
  for_each = toset(var.warehouse_rds == null ? [] : var.vpc.security_group_ids)

  security_group_id            = aws_security_group.warehouse[0].id
  description                  = "PostgreSQL from the functions"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "warehouse" {
  count = length(local.rds)

  name_prefix = "${var.name}-warehouse-"
  description = "Encrypted connections alone"
  family      = "postgres${split(".", local.rds[0].engine_version)[0]}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "warehouse" {
  # checkov:skip=CKV_AWS_118:Enhanced monitoring needs a role with rights on everything of CloudWatch Logs; Performance Insights is on
  # checkov:skip=CKV_AWS_129:RDS would make log groups that nobody removes; the logs are in the RDS console
  # checkov:skip=CKV_AWS_161:The functions read the password from Secrets Manager, as they do for any other warehouse
  count = length(local.rds)

  identifier     = "${var.name}-warehouse"
  engine         = "postgres"
  engine_version = local.rds[0].engine_version
  instance_class = local.rds[0].instance_class

  db_name             = "warehouse"
  username            = "totes"
  password_wo         = var.warehouse_rds_password
  password_wo_version = local.rds[0].password_version

  allocated_storage     = local.rds[0].allocated_storage_gb
  max_allocated_storage = local.rds[0].maximum_storage_gb
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  multi_az               = local.rds[0].multi_az
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.warehouse[0].name
  vpc_security_group_ids = [aws_security_group.warehouse[0].id]
  parameter_group_name   = aws_db_parameter_group.warehouse[0].name

  auto_minor_version_upgrade = true
  backup_retention_period    = local.rds[0].backup_retention_days
  copy_tags_to_snapshot      = true

  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this.arn

  deletion_protection       = var.protect_data
  skip_final_snapshot       = !var.protect_data
  final_snapshot_identifier = var.protect_data ? "${var.name}-warehouse-final" : null
}
