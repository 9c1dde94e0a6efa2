"""meaning -> answers: address sets, match lists, who may transfer, who is notified, what is signed."""
