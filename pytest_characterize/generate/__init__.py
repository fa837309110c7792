"""The room that makes inputs: near recorded ones, and near what the legacy rules compare them with."""
