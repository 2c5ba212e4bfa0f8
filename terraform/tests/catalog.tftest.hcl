# The lake as tables: nothing unless asked for, and then what the catalogue of the build says, for readers alone.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "off" {
  command = plan

  assert {
    condition = (
      length(aws_glue_catalog_database.lake) == 0 && length(aws_glue_catalog_table.log) == 0 && length(aws_glue_catalog_table.objects) == 0
      && length(aws_glue_catalog_table.view) == 0 && length(aws_athena_workgroup.lake) == 0
    )
    error_message = "There may be no catalogue unless the deployment says so."
  }

  assert {
    condition     = output.lake_database == null && output.lake_workgroup == null && output.analyst_policy == null
    error_message = "Without a catalogue there is none to tell of."
  }
}

run "on" {
  command = plan

  variables {
    name         = "totes-dev"
    lake_catalog = { first_day = "2025-03-01", query_limit_gb = 5 }
  }

  assert {
    condition     = { for key, database in aws_glue_catalog_database.lake : key => database.name } == { views = "totes_dev_lake", objects = "totes_dev_lake_objects" }
    error_message = "Views and objects must have a database each, named without hyphens."
  }

  assert {
    condition = (
      aws_glue_catalog_table.log[0].storage_descriptor[0].location == "s3://processed/log/"
      && aws_glue_catalog_table.log[0].database_name == "totes_dev_lake_objects"
      && aws_glue_catalog_table.log[0].storage_descriptor[0].ser_de_info[0].serialization_library == "com.amazon.ionhiveserde.IonHiveSerDe"
      && { for column in aws_glue_catalog_table.log[0].storage_descriptor[0].columns : column.name => column.type } == { kind = "string", version = "bigint" }
    )
    error_message = "The log must be a table, read by what reads JSON over several lines."
  }

  assert {
    condition = (
      aws_glue_catalog_table.objects["dim_bag"].database_name == "totes_dev_lake_objects"
      && [for column in aws_glue_catalog_table.objects["dim_bag"].storage_descriptor[0].columns : "${column.name} ${column.type} ${column.comment}"] == ["bag_id int bag.bag_id", "version int of the row"]
      && [for key in aws_glue_catalog_table.objects["dim_bag"].partition_keys : "${key.name} ${key.type}"] == ["lake_area string", "lake_day string"]
    )
    error_message = "Each star table must have a table of its objects, with the columns and comments of the catalogue."
  }

  assert {
    condition = alltrue([
      for key, value in {
        "projection.enabled"          = "true"
        "projection.lake_area.values" = "star,star/late,star/deleted,compacted,compacted/late,compacted/deleted"
        "projection.lake_day.type"    = "date"
        "projection.lake_day.format"  = "yyyy/MM/dd"
        "projection.lake_day.range"   = "2025/03/01,NOW+1DAY"
        "storage.location.template"   = "s3://processed/$${lake_area}/dim_bag/$${lake_day}/"
      } : aws_glue_catalog_table.objects["dim_bag"].parameters[key] == value
    ])
    error_message = "Folders must be known by their names: of rows, late and deleted ones, and compacted ones, a day each."
  }

  assert {
    condition = jsondecode(base64decode(regex("^/[*] Presto View: (.*) [*]/$", aws_glue_catalog_table.view["dim_bag"].view_original_text)[0])) == {
      catalog     = "awsdatacatalog"
      schema      = "totes_dev_lake"
      originalSql = "SELECT bag_id FROM \"totes_dev_lake_objects\".dim_bag JOIN \"totes_dev_lake\".lake_objects ON path = 's3://processed/' || \"$path\""
      columns     = [{ name = "bag_id", type = "integer" }]
    }
    error_message = "A view must be the catalogue's, with the names of the databases and the bucket put in."
  }

  assert {
    condition     = aws_glue_catalog_table.view["dim_bag"].table_type == "VIRTUAL_VIEW" && aws_glue_catalog_table.view["dim_bag"].parameters["presto_view"] == "true"
    error_message = "Athena must know a view as one."
  }

  assert {
    condition = (
      aws_athena_workgroup.lake[0].configuration[0].enforce_workgroup_configuration
      && aws_athena_workgroup.lake[0].configuration[0].bytes_scanned_cutoff_per_query == 5368709120
      && aws_athena_workgroup.lake[0].configuration[0].result_configuration[0].output_location == "s3://queries/"
      && aws_athena_workgroup.lake[0].configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn == aws_kms_key.this.arn
    )
    error_message = "Results of queries must be encrypted, and a query must have a limit, whatever who asks would set."
  }

  assert {
    condition     = anytrue([for rule in aws_s3_bucket_lifecycle_configuration.this["queries"].rule : try(rule.expiration[0].days, 0) == 7])
    error_message = "Results of queries must go after a week."
  }

  assert {
    condition     = alltrue([for name in ["ingestion", "processed"] : alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this[name].rule : length(rule.expiration) == 0 || rule.id == "expire-slices"])])
    error_message = "The lake must keep what it has."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.analyst_policy).Statement : [
        for pair in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${join(" ", pair)}"
        if !startswith(pair[0], "glue:Get") && !startswith(pair[0], "athena:")
      ]
      ])) == toset([
      "Allow s3:ListBucket arn:aws:s3:::processed",
      "Allow s3:GetObject arn:aws:s3:::processed/star/*",
      "Allow s3:GetObject arn:aws:s3:::processed/compacted/*",
      "Allow s3:GetObject arn:aws:s3:::processed/log/*",
      "Allow kms:Decrypt arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-west-2:123456789012:key/data",
      "Allow s3:GetBucketLocation arn:aws:s3:::queries",
      "Allow s3:ListBucket arn:aws:s3:::queries",
      "Allow s3:GetObject arn:aws:s3:::queries/*",
      "Allow s3:PutObject arn:aws:s3:::queries/*",
      "Allow s3:AbortMultipartUpload arn:aws:s3:::queries/*",
      "Allow s3:ListMultipartUploadParts arn:aws:s3:::queries/*",
    ])
    error_message = "An analyst must read rows and versions, and keep results, no more: nothing that is set aside, no state."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.analyst_policy).Statement : statement.Resource if anytrue([for action in statement.Action : startswith(action, "glue:")])
      ])) == toset([
      "arn:aws:glue:eu-west-2:123456789012:catalog",
      "arn:aws:glue:eu-west-2:123456789012:database/totes_dev_lake",
      "arn:aws:glue:eu-west-2:123456789012:database/totes_dev_lake_objects",
      "arn:aws:glue:eu-west-2:123456789012:table/totes_dev_lake/*",
      "arn:aws:glue:eu-west-2:123456789012:table/totes_dev_lake_objects/*",
    ])
    error_message = "An analyst must see the tables of this lake alone."
  }
}

run "without_a_workgroup" {
  command = plan

  variables {
    lake_catalog = { workgroup = false }
  }

  assert {
    condition     = length(aws_athena_workgroup.lake) == 0 && !contains(keys(aws_s3_bucket.this), "queries") && !strcontains(output.analyst_policy, "athena:")
    error_message = "Where queries run in a workgroup of the account, there may be none here, nor a bucket and rights for it."
  }
}

run "refused_day" {
  command = plan

  variables {
    lake_catalog = { first_day = "2025-02-30" }
  }

  expect_failures = [var.lake_catalog]
}

run "refused_limit" {
  command = plan

  variables {
    lake_catalog = { query_limit_gb = 0.5 }
  }

  expect_failures = [var.lake_catalog]
}
