# The lake as tables for Athena, where a deployment asks for it: docs/lake.md. What tables and views there are follows from the
# declaration of the star, which scripts/build writes to catalog.json.

locals {
  catalog = jsondecode(var.lake_catalog == null ? "{\"tables\": {}, \"views\": {}}" : file("${var.code_directory}/catalog.json"))

  # Athena wants names without hyphens. Analysts read the views; the tables beneath have what does not count, too.
  catalog_name = {
    views   = "${replace(var.name, "-", "_")}_lake"
    objects = "${replace(var.name, "-", "_")}_lake_objects"
  }
  lake_root = "s3://${aws_s3_bucket.this["processed"].id}/"

  view_sql = {
    for name, view in local.catalog.views : name => replace(replace(replace(view.sql,
      "{views}", local.catalog_name.views),
      "{objects}", local.catalog_name.objects),
    "{root}", local.lake_root)
  }

  # Where the rows of a table lie, of which kind ever: see packages/transform/src.
  lake_areas = ["star", "star/late", "star/deleted", "compacted", "compacted/late", "compacted/deleted"]
}

resource "aws_glue_catalog_database" "lake" {
  for_each = var.lake_catalog == null ? {} : local.catalog_name

  name        = each.value
  description = each.key == "views" ? "The tables of ${var.name}, as the lake has them" : "What the views of ${local.catalog_name.views} are made of: read those"
}

# All manifests and pointers to rebuilt logs. They are JSON over several lines, which of Athena's readers only that of Ion
# takes: https://docs.aws.amazon.com/athena/latest/ug/ion-serde.html
resource "aws_glue_catalog_table" "log" {
  count = var.lake_catalog == null ? 0 : 1

  database_name = aws_glue_catalog_database.lake["objects"].name
  name          = local.catalog.log.name
  description   = "The manifests of all versions, and the pointers to logs that were rebuilt"
  table_type    = "EXTERNAL_TABLE"
  parameters    = { EXTERNAL = "TRUE", classification = "ion" }

  storage_descriptor {
    location      = "${local.lake_root}log/"
    input_format  = "com.amazon.ionhiveserde.formats.IonInputFormat"
    output_format = "com.amazon.ionhiveserde.formats.IonOutputFormat"

    ser_de_info {
      serialization_library = "com.amazon.ionhiveserde.IonHiveSerDe"
    }

    dynamic "columns" {
      for_each = local.catalog.log.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# All objects of each star table, those too that no version names. Folders are known by their names, so nothing has to be told
# of a new day: https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
resource "aws_glue_catalog_table" "objects" {
  for_each = local.catalog.tables

  database_name = aws_glue_catalog_database.lake["objects"].name
  name          = each.key
  description   = each.value.comment
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                       = "TRUE"
    classification                 = "parquet"
    "projection.enabled"           = "true"
    "projection.lake_area.type"    = "enum"
    "projection.lake_area.values"  = join(",", local.lake_areas)
    "projection.lake_day.type"     = "date"
    "projection.lake_day.format"   = "yyyy/MM/dd"
    "projection.lake_day.interval" = "1"
    # A day more, for clocks that are ahead.
    "projection.lake_day.range" = "${replace(var.lake_catalog.first_day, "-", "/")},NOW+1DAY"
    "storage.location.template" = "${local.lake_root}$${lake_area}/${each.key}/$${lake_day}/"
  }

  partition_keys {
    name    = "lake_area"
    type    = "string"
    comment = "the folder that all days are in: star or compacted; late and deleted stand apart"
  }

  partition_keys {
    name    = "lake_day"
    type    = "string"
    comment = "the folder of the day, yyyy/mm/dd"
  }

  storage_descriptor {
    location      = "${local.lake_root}star/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# Athena keeps a view as its SQL and the types of its columns, in JSON, in a comment.
resource "aws_glue_catalog_table" "view" {
  for_each = local.catalog.views

  database_name      = aws_glue_catalog_database.lake["views"].name
  name               = each.key
  description        = each.value.comment
  table_type         = "VIRTUAL_VIEW"
  parameters         = { presto_view = "true", comment = "Presto View" }
  view_expanded_text = "/* Presto View */"
  view_original_text = "/* Presto View: ${base64encode(jsonencode({
    catalog     = "awsdatacatalog"
    schema      = local.catalog_name.views
    originalSql = local.view_sql[each.key]
    columns     = [for column in each.value.columns : { name = column.name, type = column.trino }]
  }))} */"

  storage_descriptor {
    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# Where queries run: their results are encrypted, and go after a week.
resource "aws_athena_workgroup" "lake" {
  count = local.has_workgroup ? 1 : 0

  name          = "${var.name}-lake"
  description   = "Queries on the lake of ${var.name}"
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.lake_catalog.query_limit_gb * 1024 * 1024 * 1024

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = "s3://${aws_s3_bucket.this["queries"].id}/"

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = aws_kms_key.this.arn
      }
    }
  }
}

locals {
  # As a plan knows it: an unknown bucket's name must not make the number of resources unknown.
  has_workgroup = var.lake_catalog == null ? false : var.lake_catalog.workgroup

  # What somebody needs who queries the lake, and no more. Who gets it is for the account to say, so it is an output and no role.
  analyst_policy = var.lake_catalog == null ? null : jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.analyst_statements, [for statement in local.analyst_query_statements : statement if local.has_workgroup])
  })

  analyst_statements = [
    {
      Sid    = "FindTables"
      Effect = "Allow"
      Action = ["glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
      Resource = concat(
        ["arn:aws:glue:${var.region}:${local.account}:catalog"],
        [for name in values(local.catalog_name) : "arn:aws:glue:${var.region}:${local.account}:database/${name}"],
        [for name in values(local.catalog_name) : "arn:aws:glue:${var.region}:${local.account}:table/${name}/*"],
      )
    },
    {
      Sid       = "FindObjects"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [aws_s3_bucket.this["processed"].arn]
      Condition = { StringLike = { "s3:prefix" = ["star/*", "compacted/*", "log/*"] } }
    },
    {
      Sid      = "ReadRowsAndVersions"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for prefix in ["star", "compacted", "log"] : "${aws_s3_bucket.this["processed"].arn}/${prefix}/*"]
    },
    {
      Sid       = "DecryptAndEncrypt"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [aws_kms_key.this.arn]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
  ]

  analyst_query_statements = [
    {
      Sid    = "Query"
      Effect = "Allow"
      Action = [
        "athena:BatchGetQueryExecution",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:GetQueryResultsStream",
        "athena:GetQueryRuntimeStatistics",
        "athena:GetWorkGroup",
        "athena:ListQueryExecutions",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = aws_athena_workgroup.lake[*].arn
    },
    {
      Sid      = "FindResults"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = [for bucket in ["queries"] : aws_s3_bucket.this[bucket].arn if local.has_workgroup]
    },
    {
      Sid      = "KeepResults"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = [for bucket in ["queries"] : "${aws_s3_bucket.this[bucket].arn}/*" if local.has_workgroup]
    },
  ]
}
