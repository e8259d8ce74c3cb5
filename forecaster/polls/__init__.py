"""What people say: from polls to national shares on a day."""
