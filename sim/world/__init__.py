"""Virtual time, chance, links and disks. There is no Kafka in here."""
