# The lake's catalogue and the workgroup that queries it, where a deployment has them.

locals {
  # Athena wants the names of databases without hyphens.
  catalog = "arn:aws:glue:${var.region}:${local.account}"
  ours_of_catalog = {
    glue = concat(["${local.catalog}:catalog"], [
      for kind in ["database", "table", "userDefinedFunction"] : "${local.catalog}:${kind}/${replace(var.name, "-", "_")}_lake*"
    ])
    workgroup = ["arn:aws:athena:${var.region}:${local.account}:workgroup/${var.name}-lake"]
    queries   = ["arn:aws:s3:::${var.name}-queries-*"]
  }

  read_catalog = [
    {
      Sid      = "Catalog"
      Effect   = "Allow"
      Action   = ["athena:GetWorkGroup", "athena:ListTagsForResource", "glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags"]
      Resource = concat(local.ours_of_catalog.glue, local.ours_of_catalog.workgroup)
    },
  ]

  apply_catalog = [
    {
      Sid      = "KeepTables"
      Effect   = "Allow"
      Action   = ["glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase", "glue:DeleteTable", "glue:TagResource", "glue:UntagResource", "glue:UpdateDatabase", "glue:UpdateTable"]
      Resource = local.ours_of_catalog.glue
    },
    {
      # Running a query is not among them.
      Sid      = "KeepWorkgroup"
      Effect   = "Allow"
      Action   = ["athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:TagResource", "athena:UntagResource", "athena:UpdateWorkGroup"]
      Resource = local.ours_of_catalog.workgroup
    },
  ]
}
