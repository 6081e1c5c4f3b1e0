# What each source and connection gets. This file needs no provider, so that tests can evaluate it alone.

locals {
  settings  = jsondecode(var.settings)
  resources = anytrue([for value in values(var.resources) : value != null]) ? { default = var.resources } : null
  streams   = [for name, mode in var.streams : { name = name, sync_mode = mode }]

  custom_connections = {
    for name, app in var.custom_connections : name => jsonencode(merge(local.settings, jsondecode(app.settings), {
      credentials = {
        auth_type     = "oauth2_confidential_application"
        client_id     = app.client_id
        client_secret = var.custom_connection_secrets[name]
      }
    }))
  }

  web_apps = {
    for name, app in var.web_apps : name => jsonencode(merge(local.settings, jsondecode(app.settings), {
      credentials = {
        for key, value in {
          auth_type     = "oauth2_authorization_code"
          client_id     = app.client_id
          client_secret = var.web_app_secrets[name].client_secret
          refresh_token = var.web_app_secrets[name].refresh_token
        } : key => value if value != null
      }
    }))
  }
}

module "schedule" {
  source   = "./schedule"
  for_each = merge(var.custom_connections, var.web_apps)

  name        = each.key
  every_hours = var.every_hours
}
