# Rebuilds the warehouse from the lake when a person asks for it: `totes replay --stack`. It runs here because the
# warehouse may answer inside its network alone.

module "replay" {
  source = "./modules/stage"

  name        = "${var.name}-replay"
  description = "Rebuilds the warehouse from the lake, on demand"
  code        = local.code["replay"]
  memory_mb   = var.memory_mb.replay
  settings    = local.stage_settings
  # It is transform and load in one, for the whole lake.
  policy = concat(local.transform_policy, [local.read_star_rows], local.secret_statements["warehouse"])

  environment = {
    WAREHOUSE_DATABASE = local.secrets.warehouse.arn
    WAREHOUSE_SCHEMA   = var.warehouse_schema
    RAW_BUCKET         = "s3://${aws_s3_bucket.this["ingestion"].id}"
    PROCESSED_BUCKET   = "s3://${aws_s3_bucket.this["processed"].id}"
    CODE_VERSION       = var.code_version
  }
}
