resource "airbyte_source_definition" "xero" {
  workspace_id      = var.workspace_id
  name              = var.connector.name
  docker_repository = var.connector.repository
  docker_image_tag  = var.connector.tag
}

resource "airbyte_source" "custom_connection" {
  for_each = var.custom_connections

  workspace_id        = var.workspace_id
  definition_id       = airbyte_source_definition.xero.id
  name                = each.key
  configuration       = local.custom_connections[each.key]
  resource_allocation = local.resources
}

resource "airbyte_source" "web_app" {
  for_each = var.web_apps

  workspace_id        = var.workspace_id
  definition_id       = airbyte_source_definition.xero.id
  name                = each.key
  configuration       = local.web_apps[each.key]
  resource_allocation = local.resources

  lifecycle {
    # Airbyte stores the newer refresh token after each sync. An update would send the spent one.
    ignore_changes = [configuration]
  }
}

resource "airbyte_connection" "custom_connection" {
  for_each = var.custom_connections

  name           = each.key
  source_id      = airbyte_source.custom_connection[each.key].source_id
  destination_id = var.destination_id
  status         = "active"
  schedule       = { schedule_type = "cron", cron_expression = module.schedule[each.key].cron }
  configurations = { streams = local.streams }
}

resource "airbyte_connection" "web_app" {
  for_each = var.web_apps

  name           = each.key
  source_id      = airbyte_source.web_app[each.key].source_id
  destination_id = var.destination_id
  status         = "active"
  schedule       = { schedule_type = "cron", cron_expression = module.schedule[each.key].cron }
  configurations = { streams = local.streams }
}
