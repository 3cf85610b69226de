import ArgumentParser
import KafkaClient

extension ProducerConfiguration.Acknowledgements: ExpressibleByArgument {}
