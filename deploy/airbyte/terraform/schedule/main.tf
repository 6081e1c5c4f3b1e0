# When a connection runs. All connections at minute 0 would start all pods at once. A hash of the name spreads
# them, and does not move the others when a connection comes or goes. `schedule.py` computes the same.

variable "name" {
  description = "Name of the connection."
  type        = string
}

variable "every_hours" {
  description = "Hours between two syncs."
  type        = number
}

locals {
  slot  = parseint(substr(sha256(var.name), 0, 8), 16) % (60 * var.every_hours)
  hour  = floor(local.slot / 60)
  hours = var.every_hours == 24 ? "${local.hour}" : "${local.hour}/${var.every_hours}"
}

output "cron" {
  description = "Quartz expression."
  value       = "0 ${local.slot % 60} ${local.hours} * * ?"
}
