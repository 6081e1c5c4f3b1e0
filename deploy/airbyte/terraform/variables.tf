variable "airbyte_url" {
  description = "Root of Airbyte's API, such as http://localhost:8000/api/public/v1."
  type        = string
}

variable "airbyte_client_id" {
  description = "Client ID of an application of Airbyte."
  type        = string
}

variable "airbyte_client_secret" {
  description = "Client secret of this application."
  type        = string
  sensitive   = true
}

variable "workspace_id" {
  description = "Workspace of the sources."
  type        = string
}

variable "destination_id" {
  description = "Destination of all connections."
  type        = string
}

variable "connector" {
  description = "Name of the connector in Airbyte, and its image."
  type = object({
    name       = string
    repository = string
    tag        = string
  })
}

variable "every_hours" {
  description = "Hours between two syncs of a connection."
  type        = number

  validation {
    condition     = contains([1, 2, 3, 4, 6, 8, 12, 24], var.every_hours)
    error_message = "every_hours must divide a day: 1, 2, 3, 4, 6, 8, 12 or 24."
  }
}

variable "streams" {
  description = "Sync mode of each stream, by its name."
  type        = map(string)

  validation {
    condition     = length(var.streams) > 0
    error_message = "Without streams, Airbyte reads every stream in full each time."
  }
}

variable "resources" {
  description = "Resources of the pods of a source. See docs/scale.md."
  type = object({
    cpu_request    = optional(string)
    cpu_limit      = optional(string)
    memory_request = optional(string)
    memory_limit   = optional(string)
  })
  default = {}
}

variable "settings" {
  description = "Settings of all sources as JSON, such as {\"start_date\": \"2020-01-01\"}."
  type        = string
}

variable "custom_connections" {
  description = "One source for each Custom Connection, by name."
  type = map(object({
    client_id = string
    settings  = optional(string, "{}")
  }))
  default = {}

  validation {
    condition     = length(distinct([for app in var.custom_connections : app.client_id])) == length(var.custom_connections)
    error_message = "A Custom Connection is one organisation. Give it one source."
  }
}

variable "custom_connection_secrets" {
  description = "Client secret of each Custom Connection, by the same name."
  type        = map(string)
  sensitive   = true
  default     = {}

  validation {
    condition     = toset(keys(var.custom_connection_secrets)) == toset(keys(var.custom_connections))
    error_message = "custom_connection_secrets must have the names of custom_connections."
  }
}

variable "web_apps" {
  description = "One source for each login of a web app, by name. It reads all organisations of the login."
  type = map(object({
    client_id = string
    settings  = optional(string, "{}")
  }))
  default = {}

  validation {
    condition     = length(setintersection(keys(var.web_apps), keys(var.custom_connections))) == 0
    error_message = "web_apps and custom_connections must not share a name."
  }
}

variable "web_app_secrets" {
  description = "Secrets of each login, by the same name. The refresh token is only used when the source is made."
  type = map(object({
    client_secret = optional(string)
    refresh_token = string
  }))
  sensitive = true
  default   = {}

  validation {
    condition     = toset(keys(var.web_app_secrets)) == toset(keys(var.web_apps))
    error_message = "web_app_secrets must have the names of web_apps."
  }

  # A refresh token works once: the first of two sources that renews it takes the access from the other.
  validation {
    condition     = length(distinct([for app in var.web_app_secrets : app.refresh_token])) == length(var.web_app_secrets)
    error_message = "Two sources have the same refresh token, which works once. With one login, make one source for all its organisations."
  }
}
