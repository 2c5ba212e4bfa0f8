github_repository = "shop/warehouse"
