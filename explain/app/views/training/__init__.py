"""The page of trainings: the study of sizes and the logs of the shipped networks."""
